package io.tallymq.node.proof;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tallymq.node.proof.history.Feature;
import java.util.EnumSet;
import java.util.Set;
import org.junit.jupiter.api.Test;

class FeatureNamesTest {
    @Test
    void allNoneAndSome() {
        assertEquals(EnumSet.complementOf(EnumSet.of(Feature.RETENTION)), FeatureNames.parse("all"));
        assertEquals(Set.of(), FeatureNames.parse("none"));
        assertEquals(Set.of(Feature.TX, Feature.GROUPS), FeatureNames.parse("tx,groups"));
    }

    @Test
    void whatIsNoneIsNamed() {
        var error = assertThrows(ProofException.class, () -> FeatureNames.parse("groups,graphs"));
        assertTrue(error.getMessage().startsWith("there is no feature 'graphs'"), error.getMessage());
    }
}
