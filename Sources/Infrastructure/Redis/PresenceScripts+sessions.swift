/// The scripts for one session.
extension PresenceScripts {
    /// lease, user, session, own secret or "", presented secret or "", inbox start or "", room or "", grace in ms
    /// → [OK, notices, predecessor or "", digest, inbox start, generation, [room, members, room, members…]], [TAKEN],
    /// [GONE], [LATER]
    static let claim = script(
        "claim",
        """
        local lease, name, presented, grace = ARGV[3], ARGV[4], digest(ARGV[7]), tonumber(ARGV[10])
        if is_unusable(lease) then return {'GONE'} end
        -- One that Redis gets to only after an outage finds all leases expired, its own too, and so proves nobody dead.
        if (score(lease) or 0) <= now() then return {'GONE'} end
        local record = {
          session = ARGV[5], digest = digest(ARGV[6]), start = ARGV[8], generation = 0, source = '',
          rooms = {ARGV[9] ~= '' and ARGV[9] or nil},
        }
        local owner, predecessor = holder(name)
        -- Whose name it is may only not be known yet, or no more.
        local is_dead = owner and owner ~= lease and not is_due(owner, predecessor or {digest = ''}, grace)
        if not owner and redis.call('EXISTS', RECOVERY) == 1 then return {'LATER'} end
        -- What the owner had was lost, and its instance, which lives, is about to write it again.
        if owner and not predecessor and is_good(owner) then return {'LATER'} end
        if predecessor and presented ~= '' and predecessor.digest == presented then
          record.digest, record.start, record.rooms = presented, predecessor.start, predecessor.rooms
          record.generation = predecessor.generation + 1
          if owner ~= lease then
            record.source = owner .. '/' .. predecessor.session
            succeed(owner, name, predecessor)
          end
        elseif is_dead and (redis.call('EXISTS', REPRIEVE) == 1
            or not score(owner) and redis.call('EXISTS', RECOVERY) == 1) then
          return {'LATER'}
        elseif is_free(lease, name, grace) then
          predecessor = nil
        else
          return {'TAKEN'}
        end
        put(lease, name, record)
        local rooms = {}
        for _, room in ipairs(record.rooms) do
          rooms[#rooms + 1] = room
          rooms[#rooms + 1] = count(room)
        end
        return {
          'OK', queued, predecessor and predecessor.session or '', record.digest, record.start, record.generation, rooms,
        }
        """)

    /// lease, user, session, room to enter or "", rooms to leave… → [OK, members of each of these rooms], [GONE],
    /// [MISSING], [SUCCEEDED]. A room that is left and entered is only entered.
    static let move = script(
        "move",
        """
        local lease, name, session, new = ARGV[3], ARGV[4], ARGV[5], ARGV[6]
        if is_unusable(lease) or not is_good(lease) then return {'GONE'} end
        local record = held(lease, name)
        if not record then
          return {redis.call('HEXISTS', succeeded_key(lease), session) == 1 and 'SUCCEEDED' or 'MISSING'}
        end
        if record.session ~= session then return {'SUCCEEDED'} end
        local is_moved, rooms = {[new] = true}, {}
        for i = 7, #ARGV do
          if ARGV[i] ~= new then
            is_moved[ARGV[i]] = true
            exit(name, ARGV[i])
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
        redis.call('HSET', sessions_key(lease), name, text(record))
        local members = {}
        for i = 6, #ARGV do
          if ARGV[i] ~= '' then members[#members + 1] = count(ARGV[i]) end
        end
        return {'OK', members}
        """)

    /// lease, then user and session for each session that ends → OK. A name that has another session now is left alone.
    static let release = script(
        "release",
        """
        local lease = ARGV[3]
        for i = 4, #ARGV, 2 do
          local name, session = ARGV[i], ARGV[i + 1]
          local record = held(lease, name)
          if record and record.session == session then take_out(lease, name, record) end
          redis.call('HDEL', succeeded_key(lease), session)
        end
        return 'OK'
        """)
}
