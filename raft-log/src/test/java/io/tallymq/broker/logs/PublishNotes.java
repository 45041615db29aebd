package io.tallymq.broker.logs;

import io.tallymq.broker.command.BodyPart;
import io.tallymq.broker.command.Origins;
import io.tallymq.broker.command.Publish;
import io.tallymq.broker.effect.Reply;
import io.tallymq.broker.logs.EntryNotes.Published;
import io.tallymq.broker.message.ByteReader;
import io.tallymq.broker.message.Extension;
import io.tallymq.broker.message.MessageRecord;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** What was published by the command in hand, and what is told of it. */
final class PublishNotes {
    private final Clients clients;
    /** The numbers of bodies that went ahead, by node and upload. */
    private final Map<String, Long> uploads = new TreeMap<>();

    private List<Published> all = List.of();
    private Origins origins = Origins.NONE;
    private int first;

    PublishNotes(Clients clients) {
        this.clients = clients;
    }

    void none() {
        all = List.of();
    }

    Published at(int ordinal) {
        return all.get(ordinal - first);
    }

    void part(BodyPart p) {
        uploads.put(p.connection().node() + "/" + p.upload(), ByteReader.int64(p.bytes(), p.offset()));
    }

    void published(Publish p, String node, long now, EntryNotes notes) {
        all = new ArrayList<>();
        origins = p.origins();
        first = p.first();
        byte[] b = p.bytes();
        for (int at = p.offset(); at < p.end(); at += MessageRecord.length(b, at)) {
            boolean external = MessageRecord.isExternal(b, at);
            long id = external
                    ? uploads.getOrDefault(node + "/" + MessageRecord.externalId(b, at), -1L)
                    : ByteReader.int64(b, MessageRecord.bodyOffset(b, at));
            Extension.Later later = Extension.of(b, at).later();
            Published m = new Published(
                    StoredMessage.of(id, b, at, now),
                    p.routes().get(MessageRecord.route(b, at)),
                    MessageRecord.isMandatory(b, at),
                    later != null && later.due(now) > now,
                    external,
                    later == null ? "" : later.id());
            m.isVoid = hasEnded(first + all.size());
            all.add(m);
            notes.published.add(m);
        }
    }

    private boolean hasEnded(int ordinal) {
        int o = origins.of(ordinal);
        return o >= 0 && clients.hasEnded(new Clients.Channel(origins.connection(o), origins.channel(o)));
    }

    /** A transaction is answered. */
    void committed(boolean taken) {
        if (!taken) {
            all.forEach(m -> {
                Ledger.check(m.isSilent() || m.isVoid, m + " of a refused transaction is somewhere");
                m.isVoid = true;
            });
        }
    }

    void refused(int ordinal, Reply.Rejected why, EntryNotes notes) {
        Published p = at(ordinal);
        p.refused = true;
        if (why.reason() == Reply.Reason.LIMIT && why.text().startsWith("queue '") && !p.external) {
            String queue = why.text().substring(7, why.text().indexOf('\'', 7));
            notes.refusedBy.computeIfAbsent(queue, q -> new ArrayList<>()).add(p.message);
        }
        for (int i = ordinal + 1; i < first + all.size() && why.reason().endsPublisher(); i++) {
            at(i).isVoid |= origins.of(i) >= 0 && origins.of(i) == origins.of(ordinal);
        }
    }
}
