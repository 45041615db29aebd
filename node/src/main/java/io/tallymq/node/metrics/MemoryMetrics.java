package io.tallymq.node.metrics;

import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** Of a node's numbers those that tell where its memory is: the process, the heap and its pools, buffers, the store's caches, what clients fill. */
public final class MemoryMetrics {
    /** What their names begin with; there is one of each at least. */
    public static final List<String> BEGINNINGS = List.of(
            "jvm_memory_",
            "jvm_buffer_",
            "jvm_gc_memory_",
            "jvm_gc_live_",
            "jvm_gc_max_",
            "rabbitmq_resident_memory_",
            "rabbitmq_process_resident_memory_",
            "rabbitmq_alarms_memory_",
            "tallymq_publish_bytes",
            "tallymq_body_bytes",
            "tallymq_pending_bytes",
            "tallymq_store_memtable_",
            "tallymq_store_body_cache_",
            "tallymq_store_block_cache_",
            "tallymq_http_rows_held",
            "tallymq_http_answer_bytes");

    private static final Pattern WANTED =
            Pattern.compile("(# (HELP|TYPE) )?(" + String.join("|", BEGINNINGS) + ")[^ {]*[ {].*");

    private MemoryMetrics() {}

    /** @param all of them, as Prometheus reads it */
    public static String of(String all) {
        return all.lines()
                .filter(line -> WANTED.matcher(line).matches())
                .map(line -> line + "\n")
                .collect(Collectors.joining());
    }
}
