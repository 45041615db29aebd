package io.tallymq.admin.advice;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tallymq.admin.request.Json;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Pieces of advice as they are found; of each rule so many are kept, the rest is counted. One thread. */
final class AdviceList {
    /** Kept of one rule: who has ten thousand queues without a consumer needs not read of each. */
    static final int MOST_OF_A_RULE = 20;

    private final List<Advice> kept = new ArrayList<>();
    private final Map<String, Integer> found = new TreeMap<>();

    void add(Advice advice) {
        if (found.merge(advice.rule(), 1, Integer::sum) <= MOST_OF_A_RULE) {
            kept.add(advice);
        }
    }

    ObjectNode answer() {
        kept.sort(Comparator.comparing(Advice::level)); // stable: of one level as they were found
        ArrayNode items = Json.array();
        kept.forEach(advice -> items.add(advice.row()));
        ObjectNode answer = Json.object();
        answer.set("advice", items);
        ObjectNode counts = answer.putObject("found");
        found.forEach(counts::put);
        return answer;
    }
}
