package io.tallymq.node.config;

import java.util.Comparator;

/** Guesses which key was meant. */
final class Suggestion {
    private Suggestion() {}

    /** The end of a sentence about an unknown key. */
    static String forKey(String name) {
        Key<?> nearest = ConfigKeys.ALL.stream()
                .min(Comparator.comparingInt(key -> distance(name, key.name())))
                .orElseThrow();
        return distance(name, nearest.name()) > Math.max(2, name.length() / 3)
                ? "; --help lists all keys, e.g. " + AmqpKeys.PORT.exampleLine()
                : "; did you mean " + nearest.name() + ", e.g. " + nearest.exampleLine();
    }

    /** The end of a sentence about an unknown environment variable. */
    static String forEnv(String name) {
        Key<?> nearest = ConfigKeys.ALL.stream()
                .min(Comparator.comparingInt(key -> distance(name, key.env())))
                .orElseThrow();
        return distance(name, nearest.env()) > Math.max(2, name.length() / 3)
                ? "; --help lists all keys, e.g. " + envLine(AmqpKeys.PORT)
                : "; did you mean " + nearest.env() + ", e.g. " + envLine(nearest);
    }

    private static String envLine(Key<?> key) {
        return key.env() + "=" + key.example();
    }

    /** Levenshtein's: how many characters have to be put in, left out or replaced. */
    static int distance(String a, String b) {
        int[] row = new int[b.length() + 1];
        for (int j = 0; j <= b.length(); j++) {
            row[j] = j;
        }
        for (int i = 1; i <= a.length(); i++) {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j <= b.length(); j++) {
                int replaced = diagonal + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.min(replaced, Math.min(row[j], row[j - 1]) + 1);
            }
        }
        return row[b.length()];
    }
}
