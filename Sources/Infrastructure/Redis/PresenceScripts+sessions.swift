import Service

/// The scripts for one session.
extension PresenceScripts {
    /// lease, user, session, own secret or "", presented secret or "", inbox start or "", room or "", grace in ms, and
    /// "shared" if the session shares its name
    /// → [OK, notices, predecessor or "", digest, inbox start, generation, [room, members, room, members…], [room, id of
    /// the queued notice or "", room…] for the rooms that are to be told], [TAKEN], [FULL], [GONE], [LATER]
    static let claim = script(
        "claim",
        """
        local lease, name, presented, grace = ARGV[3], ARGV[4], digest(ARGV[7]), tonumber(ARGV[10])
        local shares = ARGV[11] == 'shared'
        if is_unusable(lease) then return {'GONE'} end
        -- One that Redis gets to only after an outage finds all leases expired, its own too, and so proves nobody dead.
        if (score(lease) or 0) <= now() then return {'GONE'} end
        local record = {
          session = ARGV[5], digest = digest(ARGV[6]), start = ARGV[8], generation = 0, source = '',
          rooms = {ARGV[9] ~= '' and ARGV[9] or nil},
        }
        local key, owner, predecessor = name, holder(name)
        if shares and not owner then
          key = name .. ' ' .. presented
          owner, predecessor = holder(key)
        end
        -- Whose name it is may only not be known yet, or no more.
        local is_dead = owner and owner ~= lease and not is_due(owner, predecessor or {digest = ''}, grace)
        if not owner and redis.call('EXISTS', RECOVERY) == 1 then return {'LATER'} end
        -- What the owner had was lost, and its instance, which lives, is about to write it again.
        if owner and not predecessor and is_good(owner) then return {'LATER'} end
        local is_own = predecessor and presented ~= '' and predecessor.digest == presented
        local others = {}
        if is_own and is_shared(key) == shares then
          record.digest, record.start, record.rooms = presented, predecessor.start, predecessor.rooms
          record.generation = predecessor.generation + 1
          if owner ~= lease then
            record.source = owner .. '/' .. predecessor.session
            succeed(owner, key, predecessor)
          end
        elseif is_dead and (redis.call('EXISTS', REPRIEVE) == 1
            or not score(owner) and redis.call('EXISTS', RECOVERY) == 1) then
          return {'LATER'}
        else
          if shares then key = name .. ' ' .. (record.digest ~= '' and record.digest or record.session) end
          if not is_free(lease, key, grace) then return {'TAKEN'} end
          local sessions
          others, sessions = elsewhere(key)
          if sessions >= \(Claim.maximumSessions) then return {'FULL'} end
          predecessor = nil
        end
        put(lease, key, record)
        local rooms, news = {}, {}
        for _, room in ipairs(record.rooms) do
          rooms[#rooms + 1] = room
          rooms[#rooms + 1] = count(room)
          if not predecessor and not others[room] then
            news[#news + 1] = room
            news[#news + 1] = shares and keep('joined', key, room) or ''
          end
        end
        return {
          'OK', queued, predecessor and predecessor.session or '', record.digest, record.start, record.generation, rooms,
          news,
        }
        """)

    /// lease, key, session, room to enter or "", rooms to leave… → [OK, members of each of these rooms, notices, [room, id
    /// of the queued notice or "", room…] for the rooms that are to be told], [GONE], [MISSING], [SUCCEEDED], [LATER]. A
    /// room that is left and entered is only entered.
    static let move = script(
        "move",
        """
        local lease, key, session, new = ARGV[3], ARGV[4], ARGV[5], ARGV[6]
        if is_unusable(lease) or not is_good(lease) then return {'GONE'} end
        local record = held(lease, key)
        if not record then
          return {redis.call('HEXISTS', succeeded_key(lease), session) == 1 and 'SUCCEEDED' or 'MISSING'}
        end
        if record.session ~= session then return {'SUCCEEDED'} end
        -- Where the user's other sessions are may not be known yet.
        if is_shared(key) and redis.call('EXISTS', RECOVERY) == 1 then return {'LATER'} end
        local name, others = user(key), elsewhere(key)
        local was_in, is_moved, rooms, left = {}, {[new] = true}, {}, {}
        for _, room in ipairs(record.rooms) do was_in[room] = true end
        for i = 7, #ARGV do
          local room = ARGV[i]
          if room ~= new then
            is_moved[room] = true
            if not others[room] then
              exit(name, room)
              if was_in[room] then left[#left + 1] = room end
            end
          end
        end
        for _, room in ipairs(record.rooms) do
          if not is_moved[room] then rooms[#rooms + 1] = room end
        end
        if new ~= '' then
          rooms[#rooms + 1] = new
          enter(name, new)
        end
        record.rooms = rooms
        redis.call('HSET', sessions_key(lease), key, text(record))
        local members, news = {}, {}
        for i = 6, #ARGV do
          if ARGV[i] ~= '' then members[#members + 1] = count(ARGV[i]) end
        end
        local function change(kind, room)
          news[#news + 1] = room
          news[#news + 1] = is_shared(key) and keep(kind, key, room) or ''
        end
        for _, room in ipairs(left) do change('left', room) end
        if new ~= '' and not was_in[new] and not others[new] then change('joined', new) end
        return {'OK', members, queued, news}
        """)

    /// lease, then key and session for each session that ends → [OK, notices, sessions for which it is too early]. A key
    /// that has another session now is left alone. Rooms hear nothing of a session that has its name alone.
    static let release = script(
        "release",
        """
        local lease, early = ARGV[3], {}
        local is_recovering = redis.call('EXISTS', RECOVERY) == 1
        for i = 4, #ARGV, 2 do
          local key, session = ARGV[i], ARGV[i + 1]
          local record = held(lease, key)
          if record and record.session == session then
            if not is_shared(key) then
              take_out(lease, key, record)
            elseif is_recovering then
              -- Where the user's other sessions are may not be known yet.
              early[#early + 1] = session
            else
              depart(lease, key, record)
            end
          end
          redis.call('HDEL', succeeded_key(lease), session)
        end
        return {'OK', queued, early}
        """)
}
