package io.tallymq.broker.routing;

import io.tallymq.broker.effect.Reply;
import java.util.ArrayList;
import java.util.List;

/** Routing keys and binding keys of topic exchanges (3.1.3.3): words between dots; '*' is one word, '#' any number. */
final class TopicPattern {
    static final String ONE_WORD = "*";
    static final String ANY_WORDS = "#";
    /**
     * Most '#' in one binding key below {@link RouteSearch#LEVEL}, neighbours counted once: each adds a place where a search can be at the same
     * time. From then on what a search visits is bounded.
     */
    static final int MAX_ANY_WORDS = 8;

    private TopicPattern() {}

    /** The words of a key. The empty key has none; a dot at an end, or two in a row, make an empty word. */
    static List<String> words(String key) {
        List<String> words = new ArrayList<>();
        if (key.isEmpty()) {
            return words;
        }
        int from = 0;
        for (int dot = key.indexOf('.'); dot >= 0; dot = key.indexOf('.', from)) {
            words.add(key.substring(from, dot));
            from = dot + 1;
        }
        words.add(key.substring(from));
        return words;
    }

    /** The words of a binding key, where '#' after '#' is left out: both together match what one matches. */
    static List<String> patternWords(String key) {
        List<String> words = words(key);
        List<String> kept = new ArrayList<>(words.size());
        for (String w : words) {
            if (kept.isEmpty()
                    || !w.equals(ANY_WORDS)
                    || !kept.get(kept.size() - 1).equals(ANY_WORDS)) {
                kept.add(w);
            }
        }
        return kept;
    }

    /** Why a topic exchange can not have this binding key, or null when it can. */
    static Reply.Rejected refusal(String key, int level) {
        if (level >= RouteSearch.LEVEL) {
            return null;
        }
        long any = patternWords(key).stream().filter(ANY_WORDS::equals).count();
        return any <= MAX_ANY_WORDS
                ? null
                : Reply.precondition(
                        Reply.Reason.LIMIT,
                        "binding key '" + key + "' has " + any + " times '#', at most " + MAX_ANY_WORDS
                                + " are allowed: use several bindings");
    }
}
