package io.tallymq.node.proof.history;

import io.tallymq.node.proof.history.HistoryEvent.DeadLettered;
import io.tallymq.node.proof.history.HistoryEvent.Delivered;
import io.tallymq.node.proof.history.HistoryEvent.Published;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/**
 * Judges that all messages of a transaction come out or none, whether its commit was answered or not. That all of a commit that was
 * answered come is {@link Rule#LOST}, and that none of a rollback does {@link Rule#REFUSED}.
 */
final class TxJudge implements Judge {
    private static final class Transaction {
        int published;
        final Set<MessageId> came = new HashSet<>();
    }

    private final Findings findings;
    private final Map<MessageId, Transaction> messages = new HashMap<>();
    private final Map<String, Transaction> transactions = new LinkedHashMap<>();

    TxJudge(Findings findings) {
        this.findings = findings;
    }

    @Override
    public void accept(HistoryEvent event) {
        if (event instanceof Published p && p.note(Published.TX) != null) {
            Transaction tx = transactions.computeIfAbsent(p.note(Published.TX), t -> new Transaction());
            tx.published++;
            messages.put(p.id(), tx);
        } else if (event instanceof Delivered d) {
            came(d.id());
        } else if (event instanceof DeadLettered d) {
            came(d.id());
        }
    }

    private void came(MessageId id) {
        Transaction tx = messages.get(id);
        if (tx != null) {
            boolean unused = tx.came.add(id);
        }
    }

    @Override
    public void end() {
        transactions.forEach((name, tx) -> {
            if (!tx.came.isEmpty() && tx.came.size() < tx.published) {
                findings.broken(Rule.TORN, "of " + tx.published + " messages of " + name + " came " + tx.came);
            }
        });
        findings.count("transactions", transactions.size());
    }
}
