package io.tallymq.broker.access;

import io.tallymq.broker.message.MessageHeaders;
import io.tallymq.broker.message.StateDigest;
import io.tallymq.broker.store.Keys;
import io.tallymq.broker.store.MessageStore;
import io.tallymq.broker.view.AccessView.AuditEntry;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentSkipListMap;

/** What administrators changed, the last of it. Changed by the applying thread, read by any. */
final class AuditLog {
    /** So many are kept. */
    static final int MOST = 1_000;
    /** Of these so many of queues, exchanges, bindings and imports: they do not drive out who changed rights. */
    static final int MOST_OF_TOPOLOGY = MOST / 2;

    private static final List<String> TOPOLOGY = List.of("queue.", "exchange.", "definitions.");
    /** Characters of what a change was about. */
    private static final int LONGEST = 300;

    private final MessageStore store;
    private final ConcurrentSkipListMap<Long, AuditEntry> entries = new ConcurrentSkipListMap<>();

    AuditLog(MessageStore store) {
        this.store = store;
    }

    void restore() {
        store.scan(Keys.of(Keys.AUDIT), (k, v) -> {
            AuditEntry e = AccessRecords.audit(v);
            entries.put(e.number(), e);
        });
    }

    void add(long time, String by, String from, String what, String subject) {
        Map.Entry<Long, AuditEntry> last = entries.lastEntry();
        add(last == null ? 1 : last.getKey() + 1, time, by, from, what, subject);
    }

    /** In place of the last one of the user and of that kind whose subject begins alike. */
    void addAgain(long time, String by, String from, String what, String subject, String rest) {
        String begin = beginning(subject);
        long number = entries.isEmpty() ? 1 : entries.lastKey() + 1;
        Map<Long, AuditEntry> newestFirst = entries.descendingMap();
        for (AuditEntry e : newestFirst.values()) {
            if (e.by().equals(by) && e.what().equals(what) && e.subject().startsWith(begin)) {
                entries.remove(e.number());
                store.delete(Keys.of(Keys.AUDIT, e.number()));
                break;
            }
        }
        add(number, time, by, from, what, subject + rest);
    }

    /** In place of the oldest one of its kind when there are many. */
    void addOfTopology(long time, String by, String from, String what, String subject) {
        List<Long> numbers = entries.values().stream()
                .filter(e -> TOPOLOGY.stream().anyMatch(e.what()::startsWith))
                .map(AuditEntry::number)
                .toList();
        long number = entries.isEmpty() ? 1 : entries.lastKey() + 1;
        if (numbers.size() >= MOST_OF_TOPOLOGY) {
            entries.remove(numbers.get(0));
            store.delete(Keys.of(Keys.AUDIT, numbers.get(0)));
        }
        add(number, time, by, from, what, subject);
    }

    private void add(long number, long time, String by, String from, String what, String subject) {
        String text = subject.length() <= LONGEST ? subject : beginning(subject) + "...";
        AuditEntry e = new AuditEntry(number, time, by, from, what, text);
        entries.put(number, e);
        store.put(Keys.of(Keys.AUDIT, number), AccessRecords.audit(e));
        if (entries.size() > MOST) {
            store.delete(Keys.of(Keys.AUDIT, entries.pollFirstEntry().getKey()));
        }
    }

    private static String beginning(String subject) {
        return subject.length() <= LONGEST ? subject : MessageHeaders.beginning(subject, LONGEST);
    }

    List<AuditEntry> all() {
        return List.copyOf(entries.values());
    }

    void digest(StateDigest d) {
        entries.values().forEach(e -> d.add(AccessRecords.audit(e)));
    }
}
