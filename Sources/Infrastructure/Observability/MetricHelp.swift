/// The meaning of each metric, as shown to scrapers.
enum MetricHelp {
    static let texts = [
        "chat_accept_failures_total": "Times a connection could not be accepted: out of descriptors or memory.",
        "chat_active_topics": "Rooms and inboxes with at least one reader on this instance.",
        "chat_append_seconds": "From handing a message to the log to writing its acknowledgement.",
        "chat_appends_acknowledged_total": "Messages that the log confirmed as stored.",
        "chat_appends_duplicate_total": "Messages that the log had already, from an earlier try with the same id.",
        "chat_appends_failed_total": "Messages whose sender was told that they are not, or not surely, stored.",
        "chat_appends_failed_by_reason_total":
            "Messages whose sender was told that they are not, or not surely, stored, by the reason.",
        "chat_appends_pending": "Messages published to the log and not yet confirmed.",
        "chat_catch_ups_total": "Times a connection did not read fast enough and went on from the log.",
        "chat_connections": "Open WebSocket connections.",
        "chat_connections_closed_slow_total": "Connections closed because they did not read fast enough.",
        "chat_connections_refused_total": "WebSocket upgrades refused.",
        "chat_deliveries_total": "Messages and notices written to connections.",
        "chat_delivery_seconds":
            "From a message's coming in from the log to its being written to the readers on an event loop.",
        "chat_draining": "1 while the server is shutting down.",
        "chat_entries_unknown_total":
            "Log entries of a kind that this version does not know and passes over, each time one comes in or is read.",
        "chat_epochs_begun_total": "Times the log turned out to be another one, or to have gone back.",
        "chat_fanout_waits_total": "Times the bus had to wait for the connections of an event loop.",
        "chat_gaps_found_total": "Holes seen in what came in live.",
        "chat_gaps_lost_total": "Holes in a room's log that could not be filled: what was there is gone.",
        "chat_handshakes_timed_out_total": "Sockets closed because a request was not complete in time.",
        "chat_history_bytes": "What the newest messages of active rooms take in memory.",
        "chat_info": "Always 1; its labels name the instance and its version.",
        "chat_log_lines_dropped_total": "Log lines that standard error or log_file did not take.",
        "chat_log_lines_suppressed_total":
            "Log lines not written, since there were too many of the same message at once.",
        "chat_log_read_seconds": "What a read of the log takes, whether it succeeds or not.",
        "chat_log_reads_total": "Reads of the log: for windows, old pages, holes, and after interruptions.",
        "chat_messages_accepted_total": "Messages from clients handed to the log.",
        "chat_messages_refused_total": "Messages from clients refused: empty, too long, too many.",
        "chat_nats_up": "1 while NATS is connected.",
        "chat_notices_merged_total": "Comings and goings of large rooms that were told as counts.",
        "chat_redis_evicts":
            "1 while Redis is known to delete keys when its memory is full; 0 also where it may not be asked.",
        "chat_redis_repairs_total":
            "Times that this instance wrote again what Redis had lost, or deleted keys of another type.",
        "chat_redis_up": "1 while Redis is connected and this instance holds its lease.",
        "chat_refusals_total": "Requests, sockets and WebSockets refused or closed for a fault, by the reason.",
        "chat_resumes_total": "Times a client asked to go on where it had stopped.",
        "chat_room_entries_received_total": "Log entries that came in live, from all instances.",
        "chat_room_entries_recovered_total": "Log entries that were missed live and read from the log.",
        "chat_rate_limited_total": "Messages and commands refused because their user sends too many.",
        "chat_rate_uncounted_total":
            "Messages and commands let through without counting them, because too many other users send.",
        "chat_sessions": "Sessions on this instance.",
        "chat_sessions_detached": "Sessions whose clients were cut off and may still come back.",
        "chat_sessions_succeeded_total": "Sessions taken over by a later connection of the same client.",
        "chat_sessions_closed_total": "Sessions ended.",
        "chat_sessions_opened_total": "Sessions begun.",
        "chat_sockets": "Sockets that were accepted and are open, whatever they speak.",
        "chat_sockets_evicted_total": "Sockets without a request closed because others needed their place.",
        "chat_tls_certificate_not_after_seconds":
            "The time at which the certificate that new connections are shown expires, in seconds since 1970.",
        "chat_tls_handshakes_failed_total": "TLS handshakes that did not come to their end, by the reason.",
    ]
}
