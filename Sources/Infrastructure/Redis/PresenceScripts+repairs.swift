/// Finds what Redis has lost while the leases stayed, and writes it again: keys that were deleted, evicted or replaced
/// by another type.
extension PresenceScripts {
    /// lease, beat in ms, then key and session of sessions that the instance has → [OK, entries of all users, names' owners
    /// and the list of rooms that were written again, rooms in which members were, sessions that the lease holds no more,
    /// keys of another type that were deleted], [GONE]
    ///
    /// Only the content of the lease's own records is written, so a session that ends meanwhile does not come back.
    /// What is not lost is only read: adding what a set already has is no change.
    static let mend = script(
        "mend",
        """
        local lease = ARGV[3]
        if not is_good(lease) then return {'GONE'} end
        local entries, rooms, lost = 0, {}, {}
        local is_sound, is_mended = {}, {}

        local function write(record, name)
          if redis.call('SADD', USERS, name) == 1 then
            entries = entries + 1
            redis.pcall('ZADD', USERS_INDEX, 0, name)
          end
          for _, room in ipairs(record.rooms) do
            if not is_sound[room] then
              heal(room_key(room), 'set')
              is_sound[room] = true
              if redis.call('SADD', ROOMS, room) == 1 then
                entries = entries + 1
                redis.pcall('ZADD', ROOMS_INDEX, 0, room)
              end
            end
            if redis.call('SADD', room_key(room), name) == 1 then
              redis.pcall('ZADD', room_index(room), 0, name)
              if not is_mended[room] then rooms[#rooms + 1] = room end
              is_mended[room] = true
            end
          end
        end

        -- Until all instances have looked nobody knows which names are free, and where users are.
        local function recover(lost_key)
          if redis.call('EXISTS', lost_key) == 1 then return end
          redis.call('SET', RECOVERY, '', 'PX', math.floor(ARGV[4] * 1.25))
        end

        for i = 5, #ARGV, 2 do
          local key, session = ARGV[i], ARGV[i + 1]
          local record = held(lease, key)
          if not record then
            if redis.call('HEXISTS', succeeded_key(lease), session) == 0 then lost[#lost + 1] = session end
          elseif record.session == session then
            local owner = redis.call('HGET', OWNERS, key)
            if not owner then
              recover(OWNERS)
              redis.call('HSET', OWNERS, key, lease)
              entries = entries + 1
            end
            if owner and owner ~= lease then
              lost[#lost + 1] = session
            else
              if is_shared(key) then
                recover(SHARING)
                entries = entries + redis.call('ZADD', SHARING, 0, key)
              end
              write(record, user(key))
            end
          end
        end
        return {'OK', entries, rooms, lost, replaced}
        """)

    /// Pairs of a room and a user who is in it → rooms that lack that user, are of another type, or are missing from
    /// the list of rooms. Changes nothing.
    static let torn = script(
        "torn rooms",
        """
        local found = {}
        for i = 3, #ARGV, 2 do
          local is_whole = redis.pcall('SISMEMBER', room_key(ARGV[i]), ARGV[i + 1]) == 1
          if not is_whole or redis.pcall('SISMEMBER', ROOMS, ARGV[i]) ~= 1 then found[#found + 1] = ARGV[i] end
        end
        return found
        """)
}
