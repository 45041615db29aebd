package io.tallymq.admin.advice;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.JsonNode;
import io.tallymq.broker.message.Arguments;
import io.tallymq.broker.spec.PolicySpec;
import io.tallymq.broker.view.BrokerView.PolicyView;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class PolicyAdviceTest {
    private final AdviceList list = new AdviceList();
    private final PolicyAdvice policies = new PolicyAdvice(list);

    private void policy(String name, Map<String, Object> definition) {
        policies.policy(
                new PolicyView("/", name, new PolicySpec("^a", "queues", 0, new Arguments(new TreeMap<>(definition)))));
    }

    /** As every RabbitMQ of ten years has them. */
    @Test
    void keysOfMirroredQueuesAreNamed() {
        policy("plain", Map.of("max-length", 10L));
        policy("mirrored", Map.of("ha-mode", "all", "ha-sync-mode", "automatic", "max-length", 10L));
        JsonNode all = list.answer().get("advice");
        assertEquals(1, all.size());
        assertEquals("mirrored", all.get(0).at("/subject/name").asText());
        assertEquals(
                "[\"ha-mode\",\"ha-sync-mode\"]", all.get(0).at("/figures/keys").toString());
        assertEquals("policy-keys-without-meaning", all.get(0).get("rule").asText());
    }
}
