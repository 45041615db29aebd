package io.tallymq.broker.message;

import io.tallymq.broker.message.MessageProperties.Property;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** The record of a message that died, as it goes on: with x-death and its kin in the headers, and without what made it die. */
public final class DeadLetter {
    private static final List<String> DEATHS =
            List.of("x-death", "x-last-death-exchange", "x-last-death-queue", "x-last-death-reason");
    private static final List<String> FIRST_DEATH =
            List.of("x-first-death-exchange", "x-first-death-queue", "x-first-death-reason");
    private static final List<String> ALL =
            Stream.concat(DEATHS.stream(), FIRST_DEATH.stream()).toList();
    private static final String CC = "CC";
    /** Most bytes of properties that have headers in them which settles added. */
    private static final int MOST_WITH_OVERLAY = 1 << 20;

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
        final byte[] over = overlaid(overlay, bytes, at);
        final byte[] old = over == null ? bytes : over;
        final int from = over == null ? MessageRecord.propertiesOffset(bytes, at) : 0;
        final int length = over == null ? MessageRecord.propertiesLength(bytes, at) : old.length;
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

    /** Where a message has died, as far as the broker knows; nowhere, if it did not. */
    public static Deaths deaths(byte[] bytes, int at) {
        return Deaths.of(
                Extension.of(bytes, at),
                MessageHeaders.decode(
                        bytes, MessageRecord.propertiesOffset(bytes, at), MessageRecord.propertiesLength(bytes, at)));
    }

    /** The exchange to which a dead letter was published when it was none; null if that is not known. */
    public static String firstExchange(byte[] bytes, int at) {
        Object first = MessageHeaders.one(
                bytes,
                MessageRecord.propertiesOffset(bytes, at),
                MessageRecord.propertiesLength(bytes, at),
                "x-first-death-exchange");
        return first instanceof String name ? name : null;
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
        byte[] over = overlaid(overlay, bytes, at);
        byte[] properties = over == null ? bytes : over;
        int from = over == null ? MessageRecord.propertiesOffset(bytes, at) : 0;
        int length = over == null ? MessageRecord.propertiesLength(bytes, at) : properties.length;
        int body = MessageRecord.inlineLength(bytes, at);
        int flags = MessageRecord.flags(bytes, at) & MessageRecord.EXTERNAL_BODY;
        MessageRecord.writeHeader(w, flags, route, more.length, length, body);
        w.raw(more, 0, more.length).raw(properties, from, length);
        w.raw(bytes, MessageRecord.bodyOffset(bytes, at), body);
    }

    /**
     * The extension that it goes on with. Of records that a log has from before publishes had to leave room, the last of the keys may have none: they are
     * left out, hundreds of others stay. That it died has to stay, or a cycle would never end.
     */
    private static byte[] died(List<String> all, Terms terms) {
        List<String> keys = all;
        byte[] more = new Extension(keys, 0, -1, true, null, terms.published()).encode();
        while (more.length > MessageRecord.MAX_EXTENSION) {
            keys = keys.subList(0, keys.size() - 1);
            more = new Extension(keys, 0, -1, true, null, terms.published()).encode();
        }
        return more;
    }

    /**
     * Its properties with the overlay; null without. Settles may add other headers in each queue where it dies: those that come when there is no room
     * left are left out, for what could not be read again would take the message's history with it.
     */
    private static byte[] overlaid(HeaderOverlay overlay, byte[] bytes, int at) {
        if (overlay == null) {
            return null;
        }
        byte[] all = overlay.over(
                bytes, MessageRecord.propertiesOffset(bytes, at), MessageRecord.propertiesLength(bytes, at));
        return all.length <= MOST_WITH_OVERLAY
                        && MessageHeaders.elements(all, 0, all.length) <= MessageHeaders.MOST_WITH_OVERLAY
                ? all
                : null;
    }

    /**
     * Properties in which less is told of deaths, for a client whose frames have no room for all; the record keeps it, so cycles end. First the further keys
     * go, then the older half of the entries, and so on; at last all that is told.
     *
     * @param most bytes that there should be at most; when it is more even so, that is what there is without all deaths
     */
    public static byte[] shortened(byte[] bytes, int offset, int length, Extension extension, int most) {
        Deaths deaths = Deaths.of(extension, MessageHeaders.decode(bytes, offset, length));
        for (int n = deaths.size(); n > 0; n /= 2) {
            ByteWriter fields = new ByteWriter(256);
            deaths.latest(n).write(fields);
            byte[] less = MessageProperties.with(bytes, offset, length, true, Deaths.HEADER::equals, fields);
            if (less.length <= most) {
                return less;
            }
        }
        return MessageProperties.with(bytes, offset, length, true, ALL::contains, new ByteWriter(0));
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
