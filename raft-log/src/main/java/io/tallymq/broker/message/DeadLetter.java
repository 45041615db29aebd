package io.tallymq.broker.message;

import io.tallymq.broker.message.MessageProperties.Property;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** The record of a message that died, as it goes on: with x-death and its kin in the headers, and without what made it die. */
public final class DeadLetter {
    private static final List<String> DEATHS =
            List.of("x-death", "x-last-death-exchange", "x-last-death-queue", "x-last-death-reason");
    private static final List<String> FIRST_DEATH =
            List.of("x-first-death-exchange", "x-first-death-queue", "x-first-death-reason");
    private static final String CC = "CC";

    private DeadLetter() {}

    /**
     * Writes it, and returns where it has died by now.
     *
     * @param bytes holds the record of the dead message at {@code at}
     * @param was where it had been published
     * @param queue where it died
     * @param time when, milliseconds since the epoch
     * @param route number of the route that it takes now
     * @param newKey whether that has a routing key of its own: then CC and BCC count no more
     * @param overlay headers that it has over its own; null for none
     */
    public static Deaths write(
            ByteWriter w,
            byte[] bytes,
            int at,
            Route was,
            String queue,
            String reason,
            long time,
            int route,
            boolean newKey,
            HeaderOverlay overlay) {
        final byte[] old = overlay == null ? bytes : overlaid(overlay, bytes, at);
        final int from = overlay == null ? MessageRecord.propertiesOffset(bytes, at) : 0;
        final int length = overlay == null ? MessageRecord.propertiesLength(bytes, at) : old.length;
        Extension extension = Extension.of(bytes, at);
        boolean told = extension.died() || !extension.keys().isEmpty(); // else nothing in them matters here
        Map<String, Object> headers = told ? MessageHeaders.decode(old, from, length) : Map.of();
        Deaths deaths = Deaths.of(extension, headers);
        final boolean first = deaths.isEmpty();
        deaths.add(new Deaths.Entry(
                queue,
                reason,
                1,
                time / 1000,
                was.exchange(),
                keys(was, extension, headers),
                MessageProperties.text(old, from, length, Property.EXPIRATION)));
        ByteWriter fields = new ByteWriter(256);
        deaths.write(fields);
        last(fields, "x-last-death-", was, queue, reason);
        if (first) {
            last(fields, "x-first-death-", was, queue, reason);
        }
        byte[] properties = MessageProperties.with(
                old,
                from,
                length,
                false,
                name -> DEATHS.contains(name) || first && FIRST_DEATH.contains(name) || newKey && name.equals(CC),
                fields);
        byte[] more = died(newKey ? List.of() : extension.keys(), extension.terms());
        int body = MessageRecord.inlineLength(bytes, at);
        int flags = MessageRecord.flags(bytes, at) & MessageRecord.EXTERNAL_BODY;
        MessageRecord.writeHeader(w, flags, route, more.length, properties.length, body);
        w.raw(more, 0, more.length).raw(properties, 0, properties.length);
        w.raw(bytes, MessageRecord.bodyOffset(bytes, at), body);
        return deaths;
    }

    /** Keys for which there is no room beside what is added go: front ends leave room, but logs have what was published before they did. */
    private static byte[] died(List<String> keys, Terms terms) {
        byte[] all = new Extension(keys, 0, -1, true, null, terms.published()).encode();
        return all.length <= MessageRecord.MAX_EXTENSION ? all : died(List.of(), terms);
    }

    /** The name of the queue where a message died last; null if it did not, or the broker does not know of it. */
    public static String lastQueue(byte[] bytes, int at) {
        Extension extension = Extension.of(bytes, at);
        return extension.died()
                ? Deaths.of(
                                extension,
                                MessageHeaders.decode(
                                        bytes,
                                        MessageRecord.propertiesOffset(bytes, at),
                                        MessageRecord.propertiesLength(bytes, at)))
                        .lastQueue()
                : null;
    }

    /**
     * Writes the record of a message, dead or not, that goes elsewhere as it is: its headers tell what they told, and it has the time to live
     * that it had when it came.
     *
     * @param route number of the route that it takes: no other routing keys count
     * @param overlay headers that it has over its own; null for none
     */
    public static void writeAgain(ByteWriter w, byte[] bytes, int at, int route, HeaderOverlay overlay) {
        Extension was = Extension.of(bytes, at);
        byte[] more = new Extension(
                        List.of(),
                        0,
                        was.expiration(),
                        was.died(),
                        null,
                        was.terms().published())
                .encode();
        byte[] properties = overlay == null ? bytes : overlaid(overlay, bytes, at);
        int from = overlay == null ? MessageRecord.propertiesOffset(bytes, at) : 0;
        int length = overlay == null ? MessageRecord.propertiesLength(bytes, at) : properties.length;
        int body = MessageRecord.inlineLength(bytes, at);
        int flags = MessageRecord.flags(bytes, at) & MessageRecord.EXTERNAL_BODY;
        MessageRecord.writeHeader(w, flags, route, more.length, length, body);
        w.raw(more, 0, more.length).raw(properties, from, length);
        w.raw(bytes, MessageRecord.bodyOffset(bytes, at), body);
    }

    private static byte[] overlaid(HeaderOverlay overlay, byte[] bytes, int at) {
        return overlay.over(
                bytes, MessageRecord.propertiesOffset(bytes, at), MessageRecord.propertiesLength(bytes, at));
    }

    private static void last(ByteWriter w, String prefix, Route was, String queue, String reason) {
        HeaderFields.write(w, prefix + "exchange", was.exchange());
        HeaderFields.write(w, prefix + "queue", queue);
        HeaderFields.write(w, prefix + "reason", reason);
    }

    /** The extension has CC's keys, and then BCC's, of which nobody is told. */
    private static List<?> keys(Route was, Extension extension, Map<String, Object> headers) {
        int cc = headers.get(CC) instanceof List<?> list ? list.size() : 0;
        List<String> all = new ArrayList<>();
        all.add(was.routingKey());
        all.addAll(extension.keys().subList(0, Math.min(cc, extension.keys().size())));
        return all;
    }
}
