package io.tallymq.broker.spec;

import io.tallymq.broker.message.ByteReader;
import io.tallymq.broker.message.ByteWriter;
import java.util.ArrayList;
import java.util.List;

/** Lists of strings in the log and in the store. */
final class Strings {
    private Strings() {}

    static void write(ByteWriter w, List<String> all) {
        w.varint(all.size());
        all.forEach(w::string);
    }

    static List<String> read(ByteReader r) {
        List<String> all = new ArrayList<>();
        for (long n = r.varint(); n > 0; n--) {
            all.add(r.string());
        }
        return all;
    }
}
