/// What is asked without changing anything that counts.
extension PresenceScripts {
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
}
