/// The presence of a cluster in Redis, as scripts. Each script changes everything that belongs together, or nothing.
///
/// Keys, all under one prefix; the first three are those of the original server, with plain names:
///
///     active_users             set   users
///     all_rooms                set   rooms that have members
///     room:<room>              set   the users in a room
///     lease:instances          zset  lease → when it expires, in ms of Redis's clock; 0: condemned; negative: condemned,
///                                    and until when the sessions that it still holds wait for their clients
///     lease:owners             hash  user → lease that holds the user's session; for a session that shares its name,
///                                    its key → its lease
///     lease:sessions:<lease>   hash  user, or key of a session that shares its name → record of the session
///     lease:sharing            zset  keys of the sessions that share their names, in order
///     lease:succeeded:<lease>  hash  session that another lease's session has succeeded → its last record, until the
///                                    lease's instance knows it (or for ten minutes)
///     lease:ended              zset  lease from which survivors have removed everything → when; kept for an hour: its
///                                    instance may come back with users whose departure was announced
///     lease:pulse              text  when any instance last beat
///     lease:reprieve           text  exists while nobody is removed, because for a while no instance could beat
///     lease:recovery           text  exists while names are being written again that Redis has lost: until then it is
///                                    not known which names are free
///     lease:notices            hash  notice id → "joined|left ms user room members", queued until it is published
///     lease:untold:<user> <room>  text  ids of the latest notices of a shared name that may not have been told, the
///                                    latest at the end; kept for a minute
///     lease:index:users        zset  the content of active_users, in order
///     lease:index:rooms        zset  the content of all_rooms, in order
///     lease:index:room:<room>  zset  the content of room:<room>, in order
///
/// The sets are authoritative. The indexes change in the same steps, and are made again from the sets if they do not
/// agree: see ``usersPage``.
///
/// A record is `session;digest;start;generation;source room room…` (names hold no spaces, and the first five parts no
/// semicolons): the session's id; the SHA-1 of the secret with which the client can take over, or nothing; where the
/// inbox begins, or nothing; the number of earlier sessions with that secret; the `lease/session` that this one has
/// succeeded, if that was another lease's; and its rooms, the one entered first at the beginning. An earlier version of
/// the server wrote `session room…`, and reads this format as that one.
///
/// Several sessions may *share* a name: those of one user, where names belong to users. The *key* of such a session is
/// `user mark` (names hold no spaces). The mark is the digest of its secret, so that a successor has the same key, or, for
/// a session without one, its id. A user is in `active_users` while any of the sessions is there, and in a room while any
/// of them is in it. What the sets are for others, the records of these sessions decide: whether one is the first to enter
/// a room or the last to leave it. Each such change is queued as a notice in the step that makes it, and taken off the
/// queue when it was told. A later change of the same user and room hands out those before it again that may not have been
/// told, so the rooms hear of all in their order.
///
/// A lease represents an instance from one settlement with Redis to the next (see ``PresenceLedger``). It is
/// *condemned* once a survivor has freed a name of it: from then on its own beats, claims and moves are answered
/// `GONE`, so its instance learns that it must settle again. A succession takes a name from a lease without condemning
/// it: the answer to the next beat names the session that was succeeded.
///
/// Sessions with a secret outlive their lease by a *grace*, in which their clients may come back to them. Sessions
/// without a secret are removed as soon as the lease has expired. If no instance has beaten for a while, the reason is
/// that Redis could not be reached, not that the instances died: a *reprieve* gives all of them time to beat again
/// before anybody is removed.
///
/// All keys with these names belong to the server: a key of another type is deleted, and the instances write again what
/// was lost (`PresenceScripts+repairs.swift`).
///
/// Each script gets the prefix, and a fresh random token from which it makes the ids of notices.
enum PresenceScripts {
    static let all = [
        register, beat, retire, claim, move, release, restore, reap, pending, usersPage, roomsPage, mend, torn,
    ]

    static func script(_ name: String, _ body: String) -> RedisScript {
        RedisScript(name: name, body: prelude + body + "\n")
    }

    private static let prelude = """
        local P, token = ARGV[1], ARGV[2]
        local USERS, ROOMS = P .. 'active_users', P .. 'all_rooms'
        local LEASES, OWNERS, NOTICES = P .. 'lease:instances', P .. 'lease:owners', P .. 'lease:notices'
        local ENDED, PULSE = P .. 'lease:ended', P .. 'lease:pulse'
        local REPRIEVE, RECOVERY = P .. 'lease:reprieve', P .. 'lease:recovery'
        local SHARING = P .. 'lease:sharing'
        local function room_key(room) return P .. 'room:' .. room end
        local function sessions_key(lease) return P .. 'lease:sessions:' .. lease end
        local function succeeded_key(lease) return P .. 'lease:succeeded:' .. lease end
        local USERS_INDEX, ROOMS_INDEX = P .. 'lease:index:users', P .. 'lease:index:rooms'
        local function room_index(room) return P .. 'lease:index:room:' .. room end

        local function now()
          local t = redis.call('TIME')
          return t[1] * 1000 + math.floor(t[2] / 1000)
        end

        -- A key of ours that somebody has replaced by one of another type goes: no command could use it.
        local replaced = {}
        local function is_spoilt(key, kind)
          local found = redis.call('TYPE', key).ok
          return found ~= kind and found ~= 'none'
        end
        local function heal(key, kind)
          if not is_spoilt(key, kind) then return end
          redis.call('UNLINK', key)
          replaced[#replaced + 1] = string.sub(key, #P + 1)
        end
        local common = {
          [USERS] = 'set', [ROOMS] = 'set', [LEASES] = 'zset', [OWNERS] = 'hash', [NOTICES] = 'hash', [ENDED] = 'zset',
          [PULSE] = 'string', [SHARING] = 'zset',
        }

        local function score(lease)
          local value = redis.call('ZSCORE', LEASES, lease)
          return value and tonumber(value)
        end
        local function is_good(lease) return (score(lease) or 0) > 0 end

        -- Whether a change would fail half-way. The settlement that follows makes the keys usable.
        local function is_unusable(lease)
          for key, kind in pairs(common) do
            if is_spoilt(key, kind) then return true end
          end
          return is_spoilt(sessions_key(lease), 'hash')
        end

        local function digest(secret) return secret ~= '' and redis.sha1hex(secret) or '' end

        local function parse(value)
          local rooms = {}
          for word in string.gmatch(value, '[^ ]+') do rooms[#rooms + 1] = word end
          local head = table.remove(rooms, 1) or ''
          local session, digest, start, generation, source =
            string.match(head, '^([^;]*);(%x*);(%d*);(%d*);([^;]*)$')
          return {
            session = session or head, digest = digest or '', start = start or '',
            generation = tonumber(generation) or 0, source = source or '', rooms = rooms,
          }
        end

        local function text(record)
          local head = string.format(
            '%s;%s;%s;%.0f;%s', record.session, record.digest, record.start, record.generation, record.source)
          return head .. ' ' .. table.concat(record.rooms, ' ')
        end

        -- A session's key is its name, or begins with the name that it shares.
        local function is_shared(key) return string.find(key, ' ', 1, true) ~= nil end
        local function user(key) return string.match(key, '^[^ ]*') end

        -- The session that a lease holds under a key, and that which has the key.
        local function held(lease, key)
          local value = redis.pcall('HGET', sessions_key(lease), key)
          return type(value) == 'string' and parse(value)
        end
        local function holder(key)
          local owner = redis.call('HGET', OWNERS, key)
          return owner, owner and held(owner, key)
        end

        -- The rooms in which sessions are that share a name, except for one session, and the number of these sessions.
        local function shared_rooms(name, except)
          local rooms, sessions = {}, 0
          for _, key in ipairs(redis.call('ZRANGEBYLEX', SHARING, '[' .. name .. ' ', '(' .. name .. '!')) do
            local _, record = holder(key)
            if record and key ~= except then
              sessions = sessions + 1
              for _, room in ipairs(record.rooms) do rooms[room] = true end
            end
          end
          return rooms, sessions
        end

        -- The same for the other sessions of a session's user: none where it has the name alone.
        local function elsewhere(key)
          if not is_shared(key) then return {}, 0 end
          return shared_rooms(user(key), key)
        end

        -- Takes an empty room off the list.
        local function forget(room)
          redis.pcall('SREM', ROOMS, room)
          redis.pcall('ZREM', ROOMS_INDEX, room)
          redis.call('DEL', room_index(room))
        end

        -- A key of another type in place of a room's spoils that room's list until the next beat, and nothing more: a
        -- script that fails half-way would leave a ghost.
        local function exit(name, room)
          redis.pcall('SREM', room_key(room), name)
          redis.pcall('ZREM', room_index(room), name)
          if redis.call('EXISTS', room_key(room)) == 0 then forget(room) end
        end

        local function enter(name, room)
          local added = redis.pcall('SADD', room_key(room), name)
          if type(added) == 'number' then
            redis.pcall('ZADD', room_index(room), 0, name)
            redis.call('SADD', ROOMS, room)
            redis.pcall('ZADD', ROOMS_INDEX, 0, room)
          end
        end

        local function count(room)
          local members = redis.pcall('SCARD', room_key(room))
          return type(members) == 'number' and members or 0
        end

        -- Takes a session out of everything; answers the rooms in which its user is no more.
        local function take_out(lease, key, record)
          local owner = redis.call('HGET', OWNERS, key)
          if redis.call('HDEL', sessions_key(lease), key) == 0 then return {} end
          if owner and owner ~= lease then return {} end
          redis.call('HDEL', OWNERS, key)
          local name, left = user(key), {}
          local others, sessions = elsewhere(key)
          if is_shared(key) then redis.call('ZREM', SHARING, key) end
          for _, room in ipairs(record.rooms) do
            if not others[room] then
              exit(name, room)
              left[#left + 1] = room
            end
          end
          if sessions == 0 then
            redis.pcall('SREM', USERS, name)
            redis.pcall('ZREM', USERS_INDEX, name)
          end
          return left
        end

        -- What rooms are to be told, once, by whoever is alive to do it.
        local queued, last_id = {}, 0
        local function hand_out(id, notice)
          queued[#queued + 1] = id
          queued[#queued + 1] = notice
        end

        -- Queues a notice, which the caller hands out. Of a shared name, those before it that may not have been told are
        -- handed out first, all of them: whoever was to tell them may be slower than whoever tells this one. Each is dated
        -- later than the one before it, so that they are in order in the queue as well.
        local function keep(change, key, room)
          local name, at = user(key), now()
          local untold, ids = is_shared(key) and P .. 'lease:untold:' .. name .. ' ' .. room, {}
          local earlier = untold and redis.pcall('GET', untold)
          for id in string.gmatch(type(earlier) == 'string' and earlier or '', '[^ ]+') do
            local notice = redis.call('HGET', NOTICES, id)
            if notice then
              hand_out(id, notice)
              ids[#ids + 1] = id
              at = math.max(at, (tonumber(string.match(notice, '^%S+ (%d+) ')) or 0) + 1)
            end
          end
          last_id = last_id + 1
          local id = token .. '-' .. last_id
          local notice = string.format('%s %.0f %s %s %.0f', change, at, name, room, count(room))
          redis.call('HSET', NOTICES, id, notice)
          ids[#ids + 1] = id
          -- While nothing can be told for long, the oldest ones are left to the queue.
          if #ids > 32 then table.remove(ids, 1) end
          if untold then redis.call('SET', untold, table.concat(ids, ' '), 'PX', 60000) end
          return id, notice
        end

        local function tell(change, key, rooms)
          for _, room in ipairs(rooms) do hand_out(keep(change, key, room)) end
        end

        local function depart(lease, key, record)
          tell('left', key, take_out(lease, key, record))
        end

        local function put(lease, key, record)
          local name = user(key)
          redis.call('SADD', USERS, name)
          redis.pcall('ZADD', USERS_INDEX, 0, name)
          redis.call('HSET', OWNERS, key, lease)
          if is_shared(key) then redis.call('ZADD', SHARING, 0, key) end
          redis.call('HSET', sessions_key(lease), key, text(record))
          for _, room in ipairs(record.rooms) do enter(name, room) end
        end

        -- Whether a session still has a claim to its name, though its lease may have expired.
        local function is_due(lease, record, grace)
          local ends = score(lease)
          if not ends then return false end
          if record.digest == '' then return ends > now() end
          if ends == 0 then return true end
          return math.max(ends + grace, -ends) > now()
        end

        -- Whether a session of this lease may have the key; frees it, and its name, of a dead owner.
        local function is_free(lease, key, grace)
          local owner, record = holder(key)
          if owner then
            if owner == lease or is_due(owner, record or {digest = ''}, grace) then return false end
            if is_good(owner) then redis.call('ZADD', LEASES, 'XX', 0, owner) end
            if record then depart(owner, key, record) else redis.call('HDEL', OWNERS, key) end
            return true
          end
          local name = user(key)
          if is_shared(key) then
            if redis.call('HEXISTS', OWNERS, name) == 1 then return is_free(lease, name, grace) end
            local _, sessions = shared_rooms(name)
            if sessions > 0 then return true end
          end
          return redis.call('SISMEMBER', USERS, name) == 0
        end

        -- Takes the session from the lease that has it, for a later session of the same client. It stays in its rooms.
        local function succeed(owner, key, record)
          redis.call('HDEL', sessions_key(owner), key)
          heal(succeeded_key(owner), 'hash')
          redis.call('HSET', succeeded_key(owner), record.session, text(record))
          redis.call('PEXPIRE', succeeded_key(owner), 600000)
        end

        """
}
