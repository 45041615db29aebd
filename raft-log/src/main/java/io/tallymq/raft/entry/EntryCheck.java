package io.tallymq.raft.entry;

import io.tallymq.broker.command.Command;
import io.tallymq.broker.command.CommandCodec;
import io.tallymq.broker.command.CommitTx;
import io.tallymq.broker.command.InBatch;
import io.tallymq.broker.command.Origins;
import io.tallymq.broker.command.Publish;
import io.tallymq.broker.message.ByteReader;
import io.tallymq.broker.message.Extension;
import io.tallymq.broker.message.MessageRecord;
import io.tallymq.broker.message.Route;
import io.tallymq.broker.message.UnknownFormatException;
import io.tallymq.broker.message.UnreadableEntryException;
import java.util.List;
import net.jpountz.lz4.LZ4Factory;

/**
 * Looks whether this program can take an entry of the log apart, without carrying any of it out. It goes by the entry's bytes alone, so all
 * nodes that run the same version agree.
 */
public final class EntryCheck {
    private EntryCheck() {}

    /**
     * Why it can't be read; null when it can.
     *
     * @throws UnknownFormatException it has a field of a later version: it is not damaged, and that version reads it
     */
    public static RuntimeException damage(byte[] bytes, int offset, int length) {
        try {
            if (BatchCodec.isJoined(bytes, offset, length)) {
                BatchCodec.forEach(bytes, offset, length, (at, size) -> batch(bytes, at, size));
            } else {
                batch(bytes, offset, length);
            }
            return null;
        } catch (UnknownFormatException e) {
            throw e;
        } catch (RuntimeException e) {
            return e;
        }
    }

    private static void batch(byte[] bytes, int offset, int length) {
        BatchCodec.Names names = new BatchCodec.Names();
        if (BatchCodec.isPacked(bytes, offset, length)) {
            byte[] unpacked = BatchCodec.unpack(
                    bytes, offset, length, LZ4Factory.fastestInstance().safeDecompressor());
            commands(BatchCodec.header(unpacked, 0, unpacked.length, names), unpacked);
        } else {
            commands(BatchCodec.header(bytes, offset, length, names), bytes);
        }
    }

    private static void commands(BatchCodec.Header h, byte[] bytes) {
        ByteReader trailer = new ByteReader(bytes, h.trailer(), h.end() - h.trailer());
        for (long holders = trailer.varint(); holders > 0; holders--) {
            trailer.varint();
            CommandCodec.readRanges(trailer);
        }
        List<Route> routes = BatchCodec.readRoutes(trailer, new RouteCache());
        Origins origins = new Origins(trailer, h.node());
        InBatch in = new InBatch(h.node(), routes, origins);
        ByteReader r = new ByteReader(bytes, h.commands(), h.trailer() - h.commands());
        while (r.hasRemaining()) {
            Command c = CommandCodec.read(r, in);
            if (c instanceof Publish p) {
                messages(p);
            } else if (c instanceof CommitTx tx) {
                messages(tx.publishes());
            }
        }
    }

    private static void messages(Publish p) {
        int at = p.offset();
        while (at < p.end()) {
            p.routes().get(MessageRecord.route(p.bytes(), at));
            int length = MessageRecord.length(p.bytes(), at);
            if (length <= 0 || length > p.end() - at) {
                throw new UnreadableEntryException("A message of " + length + " bytes ends behind its batch.");
            }
            Extension.of(p.bytes(), at);
            at += length;
        }
    }
}
