/// What happens to a lease, and to all that it holds.
extension PresenceScripts {
    /// lease, lifetime in ms → OK. The lease was never used before.
    static let register = script(
        "register",
        """
        redis.call('ZADD', LEASES, now() + ARGV[4], ARGV[3])
        return 'OK'
        """)

    /// lease, lifetime in ms → [OK, sessions that others have succeeded], [GONE]. Never makes a lease anew. The
    /// sessions are answered until they are released.
    static let beat = script(
        "beat",
        """
        if expiry(ARGV[3]) == 0 then return {'GONE'} end
        redis.call('ZADD', LEASES, 'XX', now() + ARGV[4], ARGV[3])
        return {'OK', redis.call('HKEYS', succeeded_key(ARGV[3]))}
        """)

    /// lease, grace in ms → OK. What it still holds waits so long for its successors, and is left to the survivors then.
    static let retire = script(
        "retire",
        """
        if redis.call('EXISTS', sessions_key(ARGV[3])) == 0 then
          redis.call('ZREM', LEASES, ARGV[3])
          redis.call('DEL', succeeded_key(ARGV[3]))
        else
          redis.call('ZADD', LEASES, 'XX', now() + ARGV[4], ARGV[3])
        end
        return 'OK'
        """)

    /// lease, number of predecessors, predecessors…, number of undone claims, their sessions…, then user and record for
    /// each session that the instance has → [OK, sessions that have no name any more, notices], [GONE]
    ///
    /// The predecessors are this instance's own earlier leases. They end here, whatever became of the commands that
    /// were sent under them: those that come later find their lease gone. What an undone claim has succeeded is given
    /// back; where it cannot be, its rooms hear of a departure.
    ///
    /// Of several sessions of one client, wherever they are, the one of the latest generation keeps the name.
    static let restore = script(
        "restore",
        """
        local lease, position = ARGV[3], 4
        if expiry(lease) == 0 then return {'GONE'} end
        local function list()
          local last, found = position + ARGV[position], {}
          for i = position + 1, last do found[#found + 1] = ARGV[i] end
          position = last + 1
          return found
        end
        local predecessors, claims = list(), list()
        local is_undone, is_succeeded, lost = {}, {}, {}
        for _, session in ipairs(claims) do is_undone[session] = true end

        local function undo(own, name, record)
          local source, session = string.match(record.source, '^(.*)/(.*)$')
          if not source then return take_out(own, name, record) end
          local value = redis.call('HGET', succeeded_key(source), session)
          if not value or not redis.call('ZSCORE', LEASES, source) then return depart(own, name, record) end
          take_out(own, name, record)
          redis.call('HDEL', succeeded_key(source), session)
          put(source, name, parse(value))
        end

        for _, own in ipairs(predecessors) do
          for _, session in ipairs(redis.call('HKEYS', succeeded_key(own))) do
            is_succeeded[session] = true
            lost[#lost + 1] = session
          end
          local sessions = redis.call('HGETALL', sessions_key(own))
          for i = 1, #sessions, 2 do
            local record = parse(sessions[i + 1])
            local remove = is_undone[record.session] and undo or take_out
            remove(own, sessions[i], record)
          end
          redis.call('DEL', sessions_key(own), succeeded_key(own))
          redis.call('ZREM', LEASES, own)
        end

        for i = position, #ARGV, 2 do
          local name, record = ARGV[i], parse(ARGV[i + 1])
          local owner, other = holder(name)
          local is_same_client = other and other.digest ~= '' and other.digest == record.digest
          if is_succeeded[record.session] then
            -- It is among the lost already.
          elseif is_same_client and other.generation < record.generation then
            for _, room in ipairs(other.rooms) do exit(name, room) end
            if owner == lease then lost[#lost + 1] = other.session else succeed(owner, name, other) end
            put(lease, name, record)
          elseif not is_same_client and is_free(lease, name) then
            put(lease, name, record)
          else
            lost[#lost + 1] = record.session
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
        local taken, cursor = 0, '0'
        repeat
          local page = redis.pcall('HSCAN', sessions_key(lease), cursor, 'COUNT', 100)
          if page.err then
            -- Somebody else's key under our name: there are no sessions to take out, and others are waiting.
            redis.call('ZREM', LEASES, lease)
            page = {'0', {}}
          end
          cursor = page[1]
          for i = 1, #page[2], 2 do
            depart(lease, page[2][i], parse(page[2][i + 1]))
            taken = taken + 1
          end
        until cursor == '0' or taken >= tonumber(ARGV[3])
        if redis.call('EXISTS', sessions_key(lease)) == 0 then redis.call('ZREM', LEASES, lease) end
        local more = redis.call('ZCOUNT', LEASES, '-inf', now())
        return {taken, more > 0 and 1 or 0, queued}
        """)
}
