/// The scripts for a lease and everything that it holds.
extension PresenceScripts {
    /// A sign of life of one instance. It first makes the shared keys usable. The first beat after a silence is the
    /// first one since Redis came back: instances that could not beat either get the lifetime of a lease to do so.
    ///
    /// - Parameter silence: the time without any beat that counts as a silence, in ms.
    private static func pulse(after silence: String) -> String {
        """
        for key, kind in pairs(common) do heal(key, kind) end
        for _, key in ipairs({REPRIEVE, RECOVERY}) do
          -- Not from us, whose keys of these names end by themselves.
          if redis.call('PTTL', key) == -1 then redis.call('UNLINK', key) end
        end
        local last = tonumber(redis.call('GET', PULSE) or 0)
        if now() - last > \(silence) and redis.call('EXISTS', LEASES) == 1 then
          redis.call('SET', REPRIEVE, '', 'PX', ARGV[4])
        end
        redis.call('SET', PULSE, string.format('%.0f', now()), 'PX', 3600000)

        """
    }

    /// lease, lifetime in ms, beat in ms, number of earlier leases → keys of another type that were deleted. The lease
    /// was never used before. After a shorter silence than others, an instance that has just come, or come back,
    /// assumes that Redis was away. If it had a lease and finds no lease at all, it knows that Redis has lost all data.
    /// If Redis has lost only the leases, those that own names get a lifetime to show that they live.
    static let register = script(
        "register",
        pulse(after: "ARGV[5] * 1.25") + """
            if redis.call('EXISTS', LEASES) == 0 then
              if tonumber(ARGV[6]) > 0 then redis.call('SET', RECOVERY, '', 'PX', math.floor(ARGV[5] * 1.25)) end
              local is_known = {}
              for _, lease in ipairs(redis.call('HVALS', OWNERS)) do
                if not is_known[lease] then redis.call('ZADD', LEASES, now() + ARGV[4], lease) end
                is_known[lease] = true
              end
            end
            redis.call('ZADD', LEASES, now() + ARGV[4], ARGV[3])
            return replaced
            """)

    /// lease, lifetime in ms → [OK, sessions that others have succeeded, keys of another type that were deleted],
    /// [GONE, the same]. It never creates a lease again. The succeeded sessions are in every answer until they are
    /// released.
    static let beat = script(
        "beat",
        pulse(after: "tonumber(ARGV[4])") + """
            heal(sessions_key(ARGV[3]), 'hash')
            heal(succeeded_key(ARGV[3]), 'hash')
            if not is_good(ARGV[3]) then return {'GONE', {}, replaced} end
            redis.call('ZADD', LEASES, 'XX', now() + ARGV[4], ARGV[3])
            return {'OK', redis.call('HKEYS', succeeded_key(ARGV[3])), replaced}
            """)

    /// lease, ms → OK. The lease expires after that time, if it still holds something, and is left to the survivors.
    static let retire = script(
        "retire",
        """
        if redis.call('EXISTS', sessions_key(ARGV[3])) == 0 then
          redis.call('ZREM', LEASES, ARGV[3])
          redis.call('DEL', succeeded_key(ARGV[3]))
          if redis.call('EXISTS', LEASES) == 0 then redis.call('DEL', PULSE, REPRIEVE, RECOVERY) end
        else
          redis.call('ZADD', LEASES, 'XX', now() + ARGV[4], ARGV[3])
        end
        return 'OK'
        """)

    /// lease, grace in ms, four lists, each as its length and its elements (predecessors; sessions of undone claims; shared
    /// sessions of undone moves; shared sessions that have ended and are still to be taken out), then key and
    /// record for each session that the instance has → [OK, sessions that have no name any more, notices], [GONE]
    ///
    /// The predecessors are this instance's own earlier leases. They end here, whatever happened to the commands that
    /// were sent under them: a command that arrives later finds its lease gone. A name that an undone claim has taken
    /// is given back. If that is not possible, its rooms are told of a departure. Rooms that were told of the departure
    /// of a session that lives are told that it is back.
    ///
    /// Rooms are told of what is undone of a shared name, since what was done had been queued for them. What Redis has lost,
    /// or has in an older state, is written again without a word. A shared session that has ended is written again only to
    /// be taken out, unless somebody has done that and told it.
    ///
    /// Of several sessions of one client, on any instances, the one of the latest generation keeps the name.
    static let restore = script(
        "restore",
        """
        local lease, grace, position = ARGV[3], tonumber(ARGV[4]), 5
        if not is_good(lease) then return {'GONE'} end
        local function list()
          local last, found = position + ARGV[position], {}
          for i = position + 1, last do found[#found + 1] = ARGV[i] end
          position = last + 1
          return found
        end
        local predecessors, claims, moves, ending = list(), list(), list(), list()
        local is_moved, is_ending, is_changed, is_known = {}, {}, {}, false
        for _, session in ipairs(moves) do is_moved[session] = true end
        for _, session in ipairs(ending) do is_ending[session] = true end
        local is_undone, is_succeeded, is_held, lost = {}, {}, {}, {}
        local were_reaped, before, is_back = false, {}, {}
        for _, session in ipairs(claims) do is_undone[session] = true end

        -- Where the users of shared names were before this.
        local function remember(key)
          if is_shared(key) and not before[user(key)] then before[user(key)] = shared_rooms(user(key)) end
        end

        local function undo(own, key, record)
          local source, session = string.match(record.source, '^(.*)/(.*)$')
          if not source then return take_out(own, key, record) end
          local value = redis.call('HGET', succeeded_key(source), session)
          if not value or not redis.call('ZSCORE', LEASES, source) then
            local rooms = take_out(own, key, record)
            if not is_shared(key) then tell('left', key, rooms) end
            return
          end
          take_out(own, key, record)
          redis.call('HDEL', succeeded_key(source), session)
          put(source, key, parse(value))
        end

        for _, own in ipairs(predecessors) do
          heal(sessions_key(own), 'hash')
          heal(succeeded_key(own), 'hash')
          for _, session in ipairs(redis.call('HKEYS', succeeded_key(own))) do
            is_succeeded[session] = true
            lost[#lost + 1] = session
          end
          local sessions = redis.call('HGETALL', sessions_key(own))
          for i = 1, #sessions, 2 do
            local record = parse(sessions[i + 1])
            is_held[record.session] = true
            remember(sessions[i])
            if is_undone[record.session] or is_moved[record.session] then is_changed[user(sessions[i])] = true end
            local remove = is_undone[record.session] and undo or take_out
            remove(own, sessions[i], record)
          end
          if score(own) or redis.call('ZSCORE', ENDED, own) then is_known = true end
          if (score(own) or 1) <= 0 or redis.call('ZREM', ENDED, own) == 1 then were_reaped = true end
          redis.call('DEL', sessions_key(own), succeeded_key(own))
          redis.call('ZREM', LEASES, own)
        end

        for i = position, #ARGV, 2 do
          local key, record = ARGV[i], parse(ARGV[i + 1])
          local owner, other = holder(key)
          remember(key)
          local is_same_client = other and other.digest ~= '' and other.digest == record.digest
          if is_ending[record.session] and is_known and not is_held[record.session] then
            -- It was taken out, and the rooms were told.
          elseif is_succeeded[record.session] then
            -- It is among the lost already.
          elseif is_same_client and other.generation < record.generation then
            local others = elsewhere(key)
            for _, room in ipairs(other.rooms) do
              if not others[room] then exit(user(key), room) end
            end
            if owner == lease then lost[#lost + 1] = other.session else succeed(owner, key, other) end
            put(lease, key, record)
          elseif not is_same_client and is_free(lease, key, grace) then
            put(lease, key, record)
            if were_reaped and not is_held[record.session] then
              if is_shared(key) then is_back[user(key)] = true else tell('joined', key, record.rooms) end
            end
          else
            lost[#lost + 1] = record.session
          end
        end

        for name, rooms in pairs(before) do
          local after, left, joined = shared_rooms(name), {}, {}
          for room in pairs(rooms) do
            if is_changed[name] and not after[room] then left[#left + 1] = room end
          end
          for room in pairs(after) do
            if (is_changed[name] or is_back[name]) and not rooms[room] then joined[#joined + 1] = room end
          end
          tell('left', name .. ' ', left)
          tell('joined', name .. ' ', joined)
        end
        return {'OK', lost, queued}
        """)

    /// lease, limit, grace in ms → [sessions removed, ms until there is more to do, notices]. Works on one lease, and
    /// removes at most somewhat more sessions than the limit.
    static let reap = script(
        "reap",
        """
        local limit, grace, at = tonumber(ARGV[4]), tonumber(ARGV[5]), now()
        -- What Redis gets to only after an outage comes from one that may be taken for dead itself.
        if (score(ARGV[3]) or 0) <= at then return {0, 1000, queued} end
        local reprieve = redis.call('PTTL', REPRIEVE)
        if reprieve > 0 then return {0, reprieve, queued} end
        -- Where the other sessions of a dead one's user are may not be known yet.
        local recovery = redis.call('PTTL', RECOVERY)
        if recovery > 0 and redis.call('EXISTS', SHARING) == 1 then return {0, recovery, queued} end

        -- First those without a secret, of a lease that has expired; when their grace is over, the others.
        local lease, is_over = redis.call('ZRANGEBYSCORE', LEASES, 0, at, 'LIMIT', 0, 1)[1], grace <= 0
        if lease then
          redis.call('ZADD', LEASES, 'XX', 0, lease)
        else
          lease, is_over = redis.call('ZRANGEBYSCORE', LEASES, -at, '(0', 'LIMIT', 0, 1)[1], true
        end
        local taken, left, cursor = 0, 0, '0'
        if lease then
          repeat
            local page = redis.pcall('HSCAN', sessions_key(lease), cursor, 'COUNT', 100)
            -- Somebody else's key under our name holds no sessions.
            if page.err then page = {'0', {}} end
            cursor = page[1]
            for i = 1, #page[2], 2 do
              local record = parse(page[2][i + 1])
              if is_over or record.digest == '' then
                depart(lease, page[2][i], record)
                taken = taken + 1
              else
                left = left + 1
              end
            end
          until cursor == '0' or taken >= limit
          if cursor == '0' and left > 0 then
            redis.call('ZADD', LEASES, 'XX', -(at + grace), lease)
          elseif cursor == '0' then
            redis.call('ZREM', LEASES, lease)
            redis.call('ZADD', ENDED, at, lease)
            redis.call('ZREMRANGEBYSCORE', ENDED, '-inf', at - 3600000)
            redis.call('PEXPIRE', ENDED, 3600000)
          end
        end

        local next = 3600000
        local function await(low, high, command)
          local found = redis.call(command, LEASES, low, high, 'WITHSCORES', 'LIMIT', 0, 1)[2]
          if found then next = math.max(0, math.min(next, math.abs(tonumber(found)) - at)) end
        end
        await('(0', '-inf', 'ZREVRANGEBYSCORE')
        await(0, '+inf', 'ZRANGEBYSCORE')
        return {taken, next, queued}
        """)
}
