package io.tallymq.broker.aside;

import io.tallymq.broker.message.ByteReader;
import io.tallymq.broker.message.ByteWriter;
import io.tallymq.broker.message.StateDigest;
import java.util.TreeSet;

/**
 * What a holder has of body bytes when he gave back a part of it and nobody looked into every chunk how large that is: of each chunk the part got its share by
 * the number of messages. While later entries give it back they measure it, and the difference is the holder's.
 */
public final class Guessed {
    /** Of a stand-in: whose messages it has; 0: nobody's. */
    public long of;
    /** Of a stand-in: what it got and was not measured yet; below zero if that was too little. */
    public long bytes;
    /** Stand-ins that have messages of this one, since it had nothing the last time. */
    public final TreeSet<Long> standIns = new TreeSet<>();

    public byte[] encode() {
        ByteWriter w = new ByteWriter(20 + 9 * standIns.size());
        w.varint(of).varint(bytes).varint(standIns.size());
        standIns.forEach(w::varint);
        return w.toBytes();
    }

    public static Guessed decode(ByteReader r) {
        Guessed g = new Guessed();
        g.of = r.varint();
        g.bytes = r.varint();
        for (long n = r.varint(); n > 0; n--) {
            g.standIns.add(r.varint());
        }
        return g;
    }

    public void digest(StateDigest d) {
        d.add(of).add(bytes);
        standIns.forEach(d::add);
    }
}
