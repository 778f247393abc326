/// The presence of a cluster in Redis, as scripts: each changes all that belongs together, or nothing.
///
/// Keys, all under one prefix; the first three are those of the original server, with plain names:
///
///     active_users             set   users
///     all_rooms                set   rooms that have members
///     room:<room>              set   the users in a room
///     lease:instances          zset  lease → when it expires, in ms of Redis's clock; 0: condemned
///     lease:owners             hash  user → lease that holds the user's session
///     lease:sessions:<lease>   hash  user → "session room…" (names hold no spaces)
///     lease:notices            hash  notice id → "left ms user room", queued until it is published
///
/// A lease stands for an instance from one settlement with Redis to the next (see ``PresenceLedger``). It is
/// *condemned* once a survivor has taken anything from it: from then on its own beats, claims and moves answer `GONE`,
/// so its instance learns that it must settle anew.
///
/// Each script gets the prefix, and a fresh random token from which it makes ids of notices.
enum PresenceScripts {
    static let all = [register, beat, retire, claim, move, release, restore, reap, pending, rooms]

    private static let prelude = """
        local P, token = ARGV[1], ARGV[2]
        local USERS, ROOMS = P .. 'active_users', P .. 'all_rooms'
        local LEASES, OWNERS, NOTICES = P .. 'lease:instances', P .. 'lease:owners', P .. 'lease:notices'
        local function room_key(room) return P .. 'room:' .. room end
        local function sessions_key(lease) return P .. 'lease:sessions:' .. lease end

        local function now()
          local t = redis.call('TIME')
          return t[1] * 1000 + math.floor(t[2] / 1000)
        end

        local function expiry(lease)
          return tonumber(redis.call('ZSCORE', LEASES, lease) or 0)
        end

        -- Somebody else's key of the name of a room's and of another type spoils that room's list and nothing more: a
        -- script that fails half-way would leave a ghost.
        local function exit(name, room)
          redis.pcall('SREM', room_key(room), name)
          if redis.call('EXISTS', room_key(room)) == 0 then redis.call('SREM', ROOMS, room) end
        end

        local function enter(name, room)
          local added = redis.pcall('SADD', room_key(room), name)
          if type(added) == 'number' then redis.call('SADD', ROOMS, room) end
        end

        -- Takes a session out of everything; answers its rooms.
        local function take_out(lease, name, value)
          local rooms = {}
          if redis.call('HDEL', sessions_key(lease), name) == 0 then return rooms end
          local owner = redis.call('HGET', OWNERS, name)
          if owner and owner ~= lease then return rooms end
          for word in string.gmatch(value, '[^ ]+') do rooms[#rooms + 1] = word end
          table.remove(rooms, 1)
          for _, room in ipairs(rooms) do exit(name, room) end
          redis.call('HDEL', OWNERS, name)
          redis.call('SREM', USERS, name)
          return rooms
        end

        -- Takes a dead instance's session out and queues what its rooms are to be told.
        local queued = {}
        local function depart(lease, name, value)
          for _, room in ipairs(take_out(lease, name, value)) do
            local id = token .. '-' .. (#queued / 2 + 1)
            local notice = string.format('left %.0f %s %s', now(), name, room)
            redis.call('HSET', NOTICES, id, notice)
            queued[#queued + 1] = id
            queued[#queued + 1] = notice
          end
        end

        local function put(lease, name, value)
          redis.call('SADD', USERS, name)
          redis.call('HSET', OWNERS, name, lease)
          redis.call('HSET', sessions_key(lease), name, value)
          local first = true
          for word in string.gmatch(value, '[^ ]+') do
            if first then first = false else enter(name, word) end
          end
        end

        -- Whether the name is free for this lease; frees it of a dead owner.
        local function is_free(lease, name)
          local owner = redis.call('HGET', OWNERS, name)
          if not owner then return redis.call('SISMEMBER', USERS, name) == 0 end
          if owner == lease or expiry(owner) > now() then return false end
          redis.call('ZADD', LEASES, 'XX', 0, owner)
          local value = redis.call('HGET', sessions_key(owner), name)
          if value then depart(owner, name, value) else redis.call('HDEL', OWNERS, name) end
          return true
        end

        """

    /// lease, lifetime in ms → OK. The lease was never used before.
    static let register = script(
        "register",
        """
        redis.call('ZADD', LEASES, now() + ARGV[4], ARGV[3])
        return 'OK'
        """)

    /// lease, lifetime in ms → OK, GONE. Never makes a lease anew.
    static let beat = script(
        "beat",
        """
        if expiry(ARGV[3]) == 0 then return 'GONE' end
        redis.call('ZADD', LEASES, 'XX', now() + ARGV[4], ARGV[3])
        return 'OK'
        """)

    /// lease → OK. What it still holds is left to the survivors, at once.
    static let retire = script(
        "retire",
        """
        if redis.call('EXISTS', sessions_key(ARGV[3])) == 0 then
          redis.call('ZREM', LEASES, ARGV[3])
        else
          redis.call('ZADD', LEASES, 'XX', 0, ARGV[3])
        end
        return 'OK'
        """)

    /// lease, user, "session room" → [OK, notices], [TAKEN], [GONE]
    static let claim = script(
        "claim",
        """
        local lease, name = ARGV[3], ARGV[4]
        if expiry(lease) == 0 then return {'GONE'} end
        if not is_free(lease, name) then return {'TAKEN'} end
        put(lease, name, ARGV[5])
        return {'OK', queued}
        """)

    /// lease, user, session, old room, new room → OK, GONE, MISSING
    static let move = script(
        "move",
        """
        local lease, name, session, old, new = ARGV[3], ARGV[4], ARGV[5], ARGV[6], ARGV[7]
        if expiry(lease) == 0 then return 'GONE' end
        local value = redis.call('HGET', sessions_key(lease), name)
        if not value or string.match(value, '^[^ ]+') ~= session then return 'MISSING' end
        local words = {session}
        for word in string.gmatch(string.sub(value, #session + 1), '[^ ]+') do
          if word ~= old and word ~= new then words[#words + 1] = word end
        end
        words[#words + 1] = new
        exit(name, old)
        enter(name, new)
        redis.call('HSET', sessions_key(lease), name, table.concat(words, ' '))
        return 'OK'
        """)

    /// lease, user, session → OK. Nothing happens where the name has another session now.
    static let release = script(
        "release",
        """
        local value = redis.call('HGET', sessions_key(ARGV[3]), ARGV[4])
        if value and string.match(value, '^[^ ]+') == ARGV[5] then take_out(ARGV[3], ARGV[4], value) end
        return 'OK'
        """)

    /// lease, number of predecessors, predecessors…, then user, "session room" for each session that the instance has
    /// → [OK, sessions whose name is lost, notices], [GONE]
    ///
    /// The predecessors are this instance's own earlier leases. They end here, whatever became of the commands that
    /// were sent under them: those that come later find their lease gone.
    static let restore = script(
        "restore",
        """
        local lease, first = ARGV[3], 5 + ARGV[4]
        if expiry(lease) == 0 then return {'GONE'} end
        for i = 5, first - 1 do
          local held = redis.call('HGETALL', sessions_key(ARGV[i]))
          for j = 1, #held, 2 do take_out(ARGV[i], held[j], held[j + 1]) end
          redis.call('DEL', sessions_key(ARGV[i]))
          redis.call('ZREM', LEASES, ARGV[i])
        end
        local lost = {}
        for i = first, #ARGV, 2 do
          if is_free(lease, ARGV[i]) then
            put(lease, ARGV[i], ARGV[i + 1])
          else
            lost[#lost + 1] = string.match(ARGV[i + 1], '^[^ ]+')
          end
        end
        return {'OK', lost, queued}
        """)

    /// limit → [sessions taken out, whether there is more, notices]. Works on one expired lease, and takes out somewhat
    /// more sessions than the limit at most.
    static let reap = script(
        "reap",
        """
        local lease = redis.call('ZRANGEBYSCORE', LEASES, '-inf', now(), 'LIMIT', 0, 1)[1]
        if not lease then return {0, 0, queued} end
        redis.call('ZADD', LEASES, 'XX', 0, lease)
        local count, cursor = 0, '0'
        repeat
          local page = redis.pcall('HSCAN', sessions_key(lease), cursor, 'COUNT', 100)
          if page.err then
            -- Somebody else's key under our name: there are no sessions to take out, and others are waiting.
            redis.call('ZREM', LEASES, lease)
            page = {'0', {}}
          end
          cursor = page[1]
          for i = 1, #page[2], 2 do
            depart(lease, page[2][i], page[2][i + 1])
            count = count + 1
          end
        until cursor == '0' or count >= tonumber(ARGV[3])
        if redis.call('EXISTS', sessions_key(lease)) == 0 then redis.call('ZREM', LEASES, lease) end
        local more = redis.call('ZCOUNT', LEASES, '-inf', now())
        return {count, more > 0 and 1 or 0, queued}
        """)

    /// age in ms, limit → notices that were queued at least so long ago
    static let pending = script(
        "pending",
        """
        local before, cursor, found = now() - ARGV[3], '0', {}
        repeat
          local page = redis.call('HSCAN', NOTICES, cursor, 'COUNT', 100)
          cursor = page[1]
          for i = 1, #page[2], 2 do
            local at = tonumber(string.match(page[2][i + 1], '^%S+ (%d+) ') or 0)
            if at <= before then
              found[#found + 1] = page[2][i]
              found[#found + 1] = page[2][i + 1]
            end
          end
        until cursor == '0' or #found >= 2 * ARGV[4]
        return found
        """)

    /// → room, members, room, members…; an empty room that another server left behind goes.
    static let rooms = script(
        "rooms",
        """
        local list = {}
        for _, room in ipairs(redis.call('SMEMBERS', ROOMS)) do
          local members = redis.pcall('SCARD', room_key(room))
          if members == 0 then
            redis.call('SREM', ROOMS, room)
          elseif type(members) == 'number' then
            list[#list + 1] = room
            list[#list + 1] = members
          end
        end
        return list
        """)

    private static func script(_ name: String, _ body: String) -> RedisScript {
        RedisScript(name: name, body: prelude + body + "\n")
    }
}
