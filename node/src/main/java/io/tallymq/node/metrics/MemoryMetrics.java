package io.tallymq.node.metrics;

import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** Of a node's numbers those that tell where its memory is: the process, the heap and its pools, buffers, the store's caches, what clients fill. */
public final class MemoryMetrics {
    private static final Pattern WANTED = Pattern.compile(
            "(# (HELP|TYPE) )?"
                    + "(jvm_(memory|buffer|gc_memory|gc_live|gc_max)_|rabbitmq_(process_)?resident_memory_|rabbitmq_alarms_memory_"
                    + "|tallymq_(publish|body|pending)_bytes|tallymq_store_(memtable|body_cache|block_cache)_|tallymq_http_rows_held)[^ {]*[ {].*");

    private MemoryMetrics() {}

    /** @param all of them, as Prometheus reads it */
    public static String of(String all) {
        return all.lines()
                .filter(line -> WANTED.matcher(line).matches())
                .map(line -> line + "\n")
                .collect(Collectors.joining());
    }
}
