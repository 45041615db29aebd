package io.tallymq.broker.settings;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tallymq.broker.effect.Reply;
import io.tallymq.broker.message.Arguments;
import io.tallymq.broker.settings.ArgumentRow.Owner;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Who wins, key by key, and what a definition may be. */
class PolicyTableTest {
    private static Arguments a(Object... pairs) {
        Map<String, Object> all = new java.util.TreeMap<>();
        for (int i = 0; i < pairs.length; i += 2) {
            all.put((String) pairs[i], pairs[i + 1]);
        }
        return new Arguments(all);
    }

    private static String refusal(Arguments definition, boolean operator) {
        Reply.Rejected r = PolicyTable.check(definition, operator);
        assertNotNull(r, definition.toString());
        assertEquals(406, r.code());
        assertTrue(r.text().startsWith("Validation failed\n\n"), r.text());
        return r.text().substring("Validation failed\n\n".length());
    }

    @Test
    void theLowerLimitActs() {
        for (long policy : new long[] {5, 50}) {
            Arguments e = PolicyTable.effective(
                    Owner.CLASSIC_QUEUE, a("x-max-length", 10L, "x-other", "o"), a("max-length", policy));
            assertEquals(a("x-max-length", Math.min(10, policy), "x-other", "o"), e);
        }
        assertEquals(
                a("x-max-length-bytes", 7L),
                PolicyTable.effective(Owner.QUORUM_QUEUE, Arguments.NONE, a("max-length-bytes", 7L)));
    }

    @Test
    void anOperatorsLimitCanOnlyLower() {
        assertEquals(a("max-length", 3L), PolicyTable.merge(a("max-length", 3L), a("max-length", 5L)));
        assertEquals(
                a("max-length", 5L, "overflow", "reject-publish"),
                PolicyTable.merge(a("max-length", 9L, "overflow", "reject-publish"), a("max-length", 5L)));
        assertEquals(a("max-length", 5L), PolicyTable.merge(Arguments.NONE, a("max-length", 5L)));
        assertEquals(
                a("overflow", "drop-head"),
                PolicyTable.merge(a("overflow", "reject-publish"), a("overflow", "drop-head")));
    }

    @Test
    void belowZeroIsNoLimit() {
        assertEquals(4L, PolicyRow.Rule.LEAST.choose(-1L, 4L));
        assertEquals(4L, PolicyRow.Rule.LEAST.choose(4L, -1L));
        assertEquals(3L, PolicyRow.Rule.LEAST.choose(3L, 4L));
    }

    /** Of classic queues it is what they were declared with, of quorum queues the policy's: RabbitMQ's way. */
    @Test
    void overflow() {
        Arguments declared = a("x-overflow", "drop-head");
        Arguments definition = a("overflow", "reject-publish");
        assertEquals(
                "drop-head",
                PolicyTable.effective(Owner.CLASSIC_QUEUE, declared, definition).get("x-overflow"));
        assertEquals(
                "reject-publish",
                PolicyTable.effective(Owner.QUORUM_QUEUE, declared, definition).get("x-overflow"));
        Arguments dlx = a("overflow", "reject-publish-dlx");
        assertNull(PolicyTable.check(dlx, false));
        assertEquals(
                "drop-head",
                PolicyTable.effective(Owner.QUORUM_QUEUE, declared, dlx).get("x-overflow"));
    }

    @Test
    void anExchangesOwnAlternateActs() {
        Arguments e =
                PolicyTable.effective(Owner.EXCHANGE, a("alternate-exchange", "mine"), a("alternate-exchange", "p"));
        assertEquals("mine", e.get("alternate-exchange"));
    }

    @Test
    void aKeyOfTheOtherTypeKeepsAPolicyAway() {
        Arguments quorum = a("max-length", 3L, "target-group-size", 3L);
        assertTrue(PolicyTable.suits(Owner.QUORUM_QUEUE, quorum));
        assertFalse(PolicyTable.suits(Owner.CLASSIC_QUEUE, quorum));
        Arguments both = a("max-length", 3L, "alternate-exchange", "x", "ha-mode", "all");
        for (Owner owner : List.of(Owner.QUORUM_QUEUE, Owner.CLASSIC_QUEUE, Owner.EXCHANGE)) {
            assertTrue(PolicyTable.suits(owner, both));
        }
    }

    @Test
    void definitionsAreChecked() {
        assertEquals("'max-lenght' is not a recognised policy setting", refusal(a("max-lenght", 3L), false));
        assertEquals("'max-length': integer expected, longstr received", refusal(a("max-length", "3"), false));
        assertEquals("'max-length': -1 is not 0 or more", refusal(a("max-length", -1L), false));
        assertEquals("'max-length': integer expected, void received", refusal(a("max-length", null), false));
        assertTrue(refusal(a("overflow", "reject"), false).startsWith("'overflow': 'reject' is none of drop-head"));
        assertEquals("definition: no key is given", refusal(Arguments.NONE, false));
        assertNull(PolicyTable.check(a("max-age", "1D"), false));
        assertEquals("'max-age': '1d' is none of a number and one of YMDhms", refusal(a("max-age", "1d"), false));
        assertNull(PolicyTable.check(a("max-length", 3L, "overflow", "drop-head"), false));
        assertNull(PolicyTable.check(a("ha-mode", "all", "ha-params", List.of("n1"), "queue-mode", "lazy"), false));
    }

    /** RabbitMQ's, of which there is nothing to choose here: files that have them are taken. */
    @Test
    void keysOfStreamsAreTaken() {
        assertNull(PolicyTable.check(a("initial-cluster-size", 3L, "max-age", "1D"), false));
        assertNull(
                PolicyTable.check(a("stream-max-segment-size-bytes", 500_000L, "max-segment-size", 500_000L), false));
        assertEquals(
                "'initial-cluster-size': integer expected, longstr received",
                refusal(a("initial-cluster-size", "3"), false));
    }

    @Test
    void operatorsHaveLimitsAlone() {
        assertNull(PolicyTable.check(a("max-length", 3L, "max-length-bytes", 1L, "overflow", "drop-head"), true));
        assertTrue(refusal(a("alternate-exchange", "x"), true).contains("not a recognised operator policy setting"));
        assertTrue(refusal(a("ha-mode", "all"), true).contains("not a recognised operator policy setting"));
    }

    /** Each key with an argument has that argument's row: else it would be taken and mean nothing. */
    @Test
    void eachKeyHasItsArgument() {
        for (PolicyRow row : PolicyTable.rows()) {
            for (Owner owner : row.owners()) {
                assertTrue(row.argument() == null || row.argumentOf(owner) != null, row.toString());
            }
        }
    }
}
