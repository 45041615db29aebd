package io.tallymq.node.config.value;

/**
 * How much memory a node may have resident: so much of what there is, or so many bytes.
 *
 * @param part of the memory of the container or machine; 0 if it is bytes
 * @param bytes 0 if it is a part
 */
public record MemoryLimit(double part, long bytes) {
    /** There is no limit. */
    public static final MemoryLimit NONE = new MemoryLimit(0, 0);

    /** Bytes. @param total that there are, -1 when that is not known: a part of it is no limit then */
    public long of(long total) {
        return part == 0 || total < 0 ? bytes : (long) (total * part);
    }
}
