/// What each metric means, shown to whoever scrapes it.
enum MetricHelp {
    static let texts = [
        "chat_active_rooms": "Rooms with at least one member on this instance.",
        "chat_appends_acknowledged_total": "Messages that the log confirmed as stored.",
        "chat_appends_failed_total": "Messages whose sender was told that they are not, or not surely, stored.",
        "chat_appends_pending": "Messages published to the log and not yet confirmed.",
        "chat_connections": "Open WebSocket connections.",
        "chat_connections_closed_slow_total": "Connections closed because they did not read fast enough.",
        "chat_connections_refused_total": "WebSocket upgrades refused.",
        "chat_deliveries_total": "Messages and notices written to connections.",
        "chat_draining": "1 while the server is shutting down.",
        "chat_fanout_waits_total": "Times the bus had to wait for the connections of an event loop.",
        "chat_gaps_lost_total": "Holes in a room's log that could not be filled: what was there is gone.",
        "chat_log_reads_total": "Reads of the log, to fill holes or after an interruption.",
        "chat_messages_accepted_total": "Messages from clients handed to the log.",
        "chat_messages_refused_total": "Messages from clients refused: empty, too long, too many.",
        "chat_nats_up": "1 while NATS is connected.",
        "chat_redis_up": "1 while Redis is connected and this instance holds its lease.",
        "chat_room_entries_received_total": "Log entries that came in live, from all instances.",
        "chat_room_entries_recovered_total": "Log entries that were missed live and read from the log.",
        "chat_sessions": "Sessions on this instance.",
        "chat_sessions_closed_total": "Sessions ended.",
        "chat_sessions_opened_total": "Sessions begun.",
    ]
}
