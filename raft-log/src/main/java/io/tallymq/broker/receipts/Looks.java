package io.tallymq.broker.receipts;

/** Looks at what became of publishes, one after the other: neighbours are read together. */
public final class Looks {
    private Producer producer;
    private long number;
    private ReceiptBlock block;
    private int reads;

    /** Whether it is known that a number reached no queue; it may have come again since. */
    public boolean isUnroutable(Producer p, long seq) {
        long n = ReceiptBlock.blockOf(seq);
        if (p != producer || n != number) {
            producer = p;
            number = n;
            block = p.look(n);
            reads++;
        }
        Note note = block.get(seq);
        return note != null && note.outcome() == Outcome.UNROUTABLE;
    }

    /** How often something was read. */
    public int reads() {
        return reads;
    }
}
