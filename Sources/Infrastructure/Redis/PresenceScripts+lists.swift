/// The queries: they change nothing that matters.
extension PresenceScripts {
    /// age in ms, limit → notices that have been queued for at least that time
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

    /// Shared by the scripts of both lists.
    ///
    /// The indexes do not follow the changes that an original server, or an earlier version of this one, makes to the
    /// sets. So the script compares each index with its set: by their sizes, and by whether the names of the answer are
    /// in the set. If they differ, one command makes the index again, whatever key had its name. Such an index expires
    /// after a day. Otherwise it would stay when all the users have left whose departure our scripts do not see. The
    /// next request makes it again.
    private static let paging = """
        local function page(set, index, after, limit)
          local from = after == '' and '-' or '(' .. after
          local function read() return redis.call('ZRANGEBYLEX', index, from, '+', 'LIMIT', 0, limit) end
          local function rebuild()
            redis.call('ZUNIONSTORE', index, 1, set, 'WEIGHTS', 0)
            redis.call('EXPIRE', index, 86400)
            return read()
          end
          if redis.call('SCARD', set) ~= redis.pcall('ZCARD', index) then return rebuild() end
          local names = read()
          if #names == 0 then return names end
          for _, is_member in ipairs(redis.call('SMISMEMBER', set, unpack(names))) do
            if is_member == 0 then return rebuild() end
          end
          return names
        end

        """

    /// room or "" for all, name after which to begin or "", limit → [length of the whole list, names: one more than the
    /// limit where there are more]
    static let usersPage = script(
        "users page",
        paging + """
            local set, index = USERS, USERS_INDEX
            if ARGV[3] ~= '' then set, index = room_key(ARGV[3]), room_index(ARGV[3]) end
            local names = page(set, index, ARGV[4], ARGV[5] + 1)
            return {redis.call('SCARD', set), names}
            """)

    /// name after which to begin or "", limit → [length of the whole list, [room, members, room, members…]: one more
    /// than the limit if there are more]. Empty rooms that another server left behind are removed, and replaced by the
    /// next ones. So are rooms whose key is of another type, but they still count in the length.
    static let roomsPage = script(
        "rooms page",
        paging + """
            local after, limit, found = ARGV[3], ARGV[4] + 1, {}
            repeat
              local names = page(ROOMS, ROOMS_INDEX, after, limit)
              for _, room in ipairs(names) do
                local members = redis.pcall('SCARD', room_key(room))
                if members == 0 then
                  forget(room)
                elseif type(members) == 'number' and #found < 2 * limit then
                  found[#found + 1] = room
                  found[#found + 1] = members
                end
              end
              after = names[#names]
            until #names < limit or #found == 2 * limit
            return {redis.call('SCARD', ROOMS), found}
            """)
}
