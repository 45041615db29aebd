package io.tallymq.amqp.settle;

/**
 * Delivery tags of a channel whose holders are gone, with their queues for example. Nobody can settle anything through them any more: the client may, as if it had
 * not heard of that, and the broker passes it over or, in a transaction, refuses it. So any of those holders stands for all, and messages need no
 * numbers. Event loop only.
 */
final class GoneTags {
    private final TagSet ofQueues = new TagSet();
    /** Those of readers: what is settled of a stream is nobody else's business, which transactions tell apart. */
    private final TagSet ofStreams = new TagSet();
    /** The broker knows no such holder; null for none yet. */
    private Holding holder;

    private Holding reader;

    /** Its tags {@code first} to {@code last} are outstanding, and it is gone. */
    void add(Holding gone, long first, long last) {
        if (gone.isReader()) {
            reader = reader != null ? reader : new Holding(gone.number(), true);
            ofStreams.add(first, last);
        } else {
            holder = holder != null ? holder : new Holding(gone.number());
            ofQueues.add(first, last);
        }
    }

    int size() {
        return ofQueues.size() + ofStreams.size();
    }

    /** Most ranges that {@link #settleThrough} tells of. */
    int ranges() {
        return ofQueues.ranges() + ofStreams.ranges();
    }

    boolean contains(long tag) {
        return ofQueues.contains(tag) || ofStreams.contains(tag);
    }

    /** The highest tag; 0 for none. */
    long highest() {
        return Math.max(ofQueues.highest(), ofStreams.highest());
    }

    /** Settles one tag; false if it is not in it. */
    boolean settle(long tag, SettleBatch.Sink sink) {
        if (ofQueues.take(tag)) {
            sink.settled(holder, tag, tag);
            return true;
        }
        if (ofStreams.take(tag)) {
            sink.settled(reader, tag, tag);
            return true;
        }
        return false;
    }

    /** Settles all tags up to this one. */
    void settleThrough(long tag, SettleBatch.Sink sink) {
        ofQueues.takeThrough(tag, (first, last) -> sink.settled(holder, first, last));
        ofStreams.takeThrough(tag, (first, last) -> sink.settled(reader, first, last));
    }

    /** Tells of all tags, and settles none. */
    void forEach(TagSet.Ranges tags) {
        ofQueues.forEach(tags);
        ofStreams.forEach(tags);
    }

    void clear() {
        ofQueues.clear();
        ofStreams.clear();
        holder = null;
        reader = null;
    }
}
