package io.tallymq.broker.receipts;

import io.tallymq.broker.message.ByteReader;
import io.tallymq.broker.message.ByteWriter;
import java.util.Arrays;

/**
 * How often numbers of a {@link SeqWindow} came again. A number that did takes one byte, in a piece for it and its neighbours; the others take nothing.
 */
final class Repeats {
    /** More is not counted: who publishes one number that often does so for ever. */
    static final int MOST = 255;

    private static final int PIECE = 64;

    /** The count of a number is at its remainder by {@link SeqWindow#SIZE}; null: none of the piece came again. */
    private final byte[][] pieces = new byte[SeqWindow.SIZE / PIECE][];

    private static int piece(long seq) {
        return (int) (seq % SeqWindow.SIZE) / PIECE;
    }

    /** A number of the window came again. */
    void again(long seq) {
        int at = piece(seq);
        if (pieces[at] == null) {
            pieces[at] = new byte[PIECE];
        }
        int place = (int) (seq % PIECE);
        pieces[at][place] = (byte) Math.min(MOST, (pieces[at][place] & 0xff) + 1);
    }

    /** How often a number of the window came again, {@link #MOST} at most. */
    int of(long seq) {
        byte[] piece = pieces[piece(seq)];
        return piece == null ? 0 : piece[(int) (seq % PIECE)] & 0xff;
    }

    /** The window goes on from one last number to another: what is above the first takes the places of what is too old now. */
    void moved(long from, long to) {
        if (to - from >= SeqWindow.SIZE) {
            Arrays.fill(pieces, null);
            return;
        }
        for (long seq = from + 1; seq <= to; seq = pieceEnd(seq) + 1) {
            byte[] piece = pieces[piece(seq)];
            if (piece != null) {
                long end = Math.min(to, pieceEnd(seq));
                Arrays.fill(piece, (int) (seq % PIECE), (int) (end % PIECE) + 1, (byte) 0);
                if (end == pieceEnd(seq) && isEmpty(piece)) {
                    pieces[piece(seq)] = null;
                }
            }
        }
    }

    /** The last number of the piece that has this one. */
    private static long pieceEnd(long seq) {
        return seq | PIECE - 1;
    }

    private static boolean isEmpty(byte[] piece) {
        for (byte b : piece) {
            if (b != 0) {
                return false;
            }
        }
        return true;
    }

    /**
     * Varints of each number that came again: its distance to the one before, and how often. Nothing if there is none.
     *
     * @param first number of the window
     * @param last number of the window
     */
    byte[] encode(long first, long last) {
        ByteWriter w = new ByteWriter(16);
        long before = 0;
        for (long seq = first; seq <= last; seq++) {
            if (pieces[piece(seq)] == null) {
                seq = pieceEnd(seq); // and on behind it
            } else if (of(seq) > 0) {
                w.varint(seq - before).varint(of(seq));
                before = seq;
            }
        }
        return w.toBytes();
    }

    static Repeats decode(ByteReader r) {
        Repeats all = new Repeats();
        for (long seq = 0; r.hasRemaining(); ) {
            seq += r.varint();
            all.again(seq);
            all.pieces[piece(seq)][(int) (seq % PIECE)] = (byte) r.varint();
        }
        return all;
    }
}
