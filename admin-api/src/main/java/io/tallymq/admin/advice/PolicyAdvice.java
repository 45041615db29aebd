package io.tallymq.admin.advice;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tallymq.admin.advice.Advice.Level;
import io.tallymq.admin.request.Json;
import io.tallymq.broker.settings.PolicyTable;
import io.tallymq.broker.view.BrokerView.PolicyView;
import java.util.SortedSet;
import java.util.TreeSet;

/** Advice about policies. */
final class PolicyAdvice {
    private final AdviceList list;

    PolicyAdvice(AdviceList list) {
        this.list = list;
    }

    void policy(PolicyView p) {
        SortedSet<String> hints = new TreeSet<>(PolicyTable.hints());
        hints.retainAll(p.spec().definition().values().keySet());
        if (!hints.isEmpty()) {
            ObjectNode figures = Json.object();
            figures.set("keys", Json.strings(hints));
            list.add(new Advice(
                    Level.NOTICE,
                    "policy-keys-without-meaning",
                    "policy",
                    Json.object().put("vhost", p.vhost()).put("name", p.name()),
                    figures,
                    "it has keys for mirrored queues, which are taken and mean nothing here: every queue is on every node",
                    "leave them out"));
        }
    }
}
