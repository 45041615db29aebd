package io.tallymq.broker.routing;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tallymq.broker.message.Arguments;
import io.tallymq.broker.spec.BindingKey;
import io.tallymq.broker.spec.ExchangeSpec;
import io.tallymq.broker.spec.RoutingTarget;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TopicTrieTest {
    private final Exchange source =
            new Exchange(1, "/", "t", new ExchangeSpec("topic", true, false, false, Arguments.NONE));

    private final RouteSearch search = new RouteSearch((vhost, name) -> null, () -> 4);

    private Binding binding(long number, String pattern) {
        RoutingTarget q = new TopologyFixture.TestQueue(number, "/", "q" + number);
        return Binding.toQueue(new BindingKey("t", q.name(), pattern, Arguments.NONE), source, q);
    }

    /** The patterns that match, by the trie in place in an exchange. */
    private List<Long> match(Exchange x, String key) {
        List<Long> numbers = new ArrayList<>();
        for (RoutingTarget t : search.byKey(x, key)) {
            numbers.add(t.number());
        }
        return numbers;
    }

    private static boolean naive(List<String> pattern, List<String> words) {
        if (pattern.isEmpty()) {
            return words.isEmpty();
        }
        List<String> rest = pattern.subList(1, pattern.size());
        if (pattern.get(0).equals("#")) {
            return naive(rest, words) || (!words.isEmpty() && naive(pattern, words.subList(1, words.size())));
        }
        return !words.isEmpty()
                && (pattern.get(0).equals("*") || pattern.get(0).equals(words.get(0)))
                && naive(rest, words.subList(1, words.size()));
    }

    @ParameterizedTest
    @CsvSource({
        "'','',true",
        "#,'',true",
        "*,'',false",
        "*,a,true",
        "*,a.b,false",
        "#.a,a,true",
        "a.#,a,true",
        "a.#,a.b.c,true",
        "a.#,b,false",
        "*.#,'',false",
        "#.*,a,true",
        "a.*.c,a.b.c,true",
        "a.*.c,a.c,false",
        "a.#.c,a.c,true",
        "a.#.#.c,a.c,true",
        "*.*,.,true",
        "a..b,a..b,true",
        "a.*.b,a..b,true",
        "a*,ab,false",
        "a*,a*,true",
        "#.a.#,b.a,true",
        "#.a.#,b.c,false"
    })
    void wordsAndWildcards(String pattern, String key, boolean matches) {
        source.addOutgoing(binding(1, pattern));
        assertEquals(matches, !match(source, key).isEmpty());
        assertEquals(matches, naive(TopicPattern.words(pattern), TopicPattern.words(key)));
    }

    @Test
    void agreesWithTheNaiveMatcherWhileBindingsComeAndGo() {
        for (int seed = 0; seed < 200; seed++) {
            Random random = new Random(seed);
            Exchange x = new Exchange(1, "/", "t", source.spec());
            List<Binding> bound = new ArrayList<>();
            for (int step = 0; step < 120; step++) {
                if (bound.isEmpty() || random.nextInt(3) > 0) {
                    Binding b = binding(step, key(random, "a", "b", "", "*", "#"));
                    x.addOutgoing(b);
                    bound.add(b);
                } else {
                    x.removeOutgoing(bound.remove(random.nextInt(bound.size())));
                }
                String key = key(random, "a", "b", "", "c", "*");
                assertEquals(expected(bound, key), match(x, key), "seed " + seed + " step " + step + " key " + key);
            }
        }
    }

    private static List<Long> expected(List<Binding> bound, String key) {
        TreeSet<Long> numbers = new TreeSet<>();
        for (Binding b : bound) {
            if (naive(TopicPattern.words(b.key().routingKey()), TopicPattern.words(key))) {
                numbers.add(b.queue().number());
            }
        }
        return List.copyOf(numbers);
    }

    private static String key(Random random, String... words) {
        List<String> key = new ArrayList<>();
        for (int n = random.nextInt(6); n > 0; n--) {
            key.add(words[random.nextInt(words.length)]);
        }
        return String.join(".", key);
    }

    @Test
    void nothingIsLeftOfRemovedPatterns() {
        TopicTrie trie = new TopicTrie();
        List<Binding> all = List.of(
                binding(1, "a.b.c"), binding(2, "a.b"), binding(3, "a.*.#"), binding(4, ""), binding(5, "#.#.a"));
        all.forEach(trie::add);
        all.forEach(trie::remove);
        assertTrue(trie.isEmpty());
    }

    /** The naive matcher would need longer than the age of the universe for this one. */
    @Test
    void manyWildcardsAndManyWordsDoNotMultiply() {
        String pattern = "#" + ".a.#".repeat(62) + ".b";
        for (int i = 0; i < 100; i++) {
            source.addOutgoing(binding(i, pattern));
        }
        assertEquals(List.of(), match(source, "a" + ".a".repeat(127)));
        assertEquals(100, match(source, "a" + ".a".repeat(126) + ".b").size());
    }

    /** A client's key is a short string, of 128 words at most; whatever is longer takes time in proportion. */
    @Test
    void aPatternOfTenThousandWords() {
        String words = "a.".repeat(9_999) + "a";
        source.addOutgoing(binding(1, words));
        source.addOutgoing(binding(2, "*.".repeat(9_999) + "*"));
        source.addOutgoing(binding(3, "#." + words + ".#"));
        assertEquals(List.of(1L, 2L, 3L), match(source, words));
        assertEquals(List.of(3L), match(source, "b." + words + ".b"));
        assertEquals(List.of(), match(source, "a.".repeat(9_998) + "a"));
    }
}
