package io.tallymq.broker.reports;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

class JsonLineTest {
    /** U+0870 is a letter from Java 19 on: nodes of one cluster may have different versions of it. */
    @Test
    void whatIsEscapedIsNoQuestionOfTheVersionOfJava() {
        String all = new JsonLine()
                .text("k", "\u0870\u00e9\u20ac\u0085\u2028\ud83d\ude00\n\"")
                .end();
        assertEquals("{\"k\":\"\u0870\u00e9\u20ac\\u0085\\u2028\\ud83d\\ude00\\u000a\\\"\"}", all);
    }
}
