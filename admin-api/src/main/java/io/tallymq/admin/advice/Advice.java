package io.tallymq.admin.advice;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tallymq.admin.request.Json;
import java.util.Locale;

/**
 * A piece of advice.
 *
 * @param rule a stable tag for machines
 * @param about what it is about: cluster, node, queue, consumer, policy, user
 * @param subject which one, as the API names it
 * @param figures what it goes by
 * @param text what is the matter, for people
 * @param remedy what can be done
 */
record Advice(
        Level level, String rule, String about, ObjectNode subject, ObjectNode figures, String text, String remedy) {
    /** The most urgent first. */
    enum Level {
        /** Publishes wait or messages may be lost soon. */
        CRITICAL,
        /** It gets worse by itself. */
        WARNING,
        /** It may be meant so. */
        NOTICE
    }

    ObjectNode row() {
        ObjectNode row = Json.object()
                .put("level", level.name().toLowerCase(Locale.ROOT))
                .put("rule", rule)
                .put("about", about);
        row.set("subject", subject);
        row.set("figures", figures);
        return row.put("text", text).put("remedy", remedy);
    }
}
