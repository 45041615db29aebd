package io.tallymq.broker.settings;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class AgeTest {
    /** In milliseconds these are more than a long holds; the second one came out as 235 days. */
    @ParameterizedTest
    @ValueSource(strings = {"999999999Y", "584942418Y", "300000000Y"})
    void whatNobodyLivesToSeeIsLongAndCanBeAdded(String age) {
        assertTrue(Age.millis(age) >= Long.MAX_VALUE / 2, Age.millis(age) + " ms");
        assertTrue(253_402_300_799_999L + Age.millis(age) > 0);
    }

    @ParameterizedTest
    @CsvSource({
        "7D,604800000",
        "1Y,31536000000",
        "0s,0",
        "100000000Y,3153600000000000000",
        "7,-1",
        "D,-1",
        "-1D,-1",
        "1234567890s,-1"
    })
    void othersAreExact(String age, long millis) {
        assertEquals(millis, Age.millis(age));
    }
}
