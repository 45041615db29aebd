package io.tallymq.broker.spec;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What stands in {@code amq.receipt.NAME}. */
class ReceiptNameTest {
    @ParameterizedTest
    @CsvSource({
        "p.7, p, 7",
        "p, p, -1",
        "payments-1/3.17, payments-1/3, 17",
        "p.0, p, 0",
        "p.007, p, 7",
        "a.b.9, a.b, 9",
        "10.0.0.1, 10.0.0, 1",
        "p.4611686018427387904, p, 4611686018427387904",
        "p.4611686018427387905, p.4611686018427387905, -1",
        "p.9999999999999999999, p.9999999999999999999, -1",
        "p.00000000000000000007, p.00000000000000000007, -1",
        "p.-1, p.-1, -1",
        "p.1x, p.1x, -1",
        "p., p., -1",
        ".7, .7, -1",
        "7, 7, -1",
        "p.\u0667, p.\u0667, -1"
    })
    void aLastPartThatIsANumberIsAPublishs(String name, String producer, long seq) {
        assertTrue(ReceiptName.isName("amq.receipt." + name));
        assertEquals(new ReceiptName(producer, seq), ReceiptName.read("amq.receipt." + name));
        assertEquals(new ReceiptName(name, -1), ReceiptName.ofProducer("amq.receipt." + name));
    }

    @Test
    void namesAreMadeAsTheyAreRead() {
        assertEquals(new ReceiptName("p.q", 3), ReceiptName.read(ReceiptName.of("p.q", 3)));
        assertEquals(new ReceiptName("p.q", -1), ReceiptName.read(ReceiptName.of("p.q")));
        String id = ReceiptName.ofId("orders", "a.1");
        assertTrue(ReceiptName.isName(id) && ReceiptName.isOfId(id));
        assertEquals("orders.a.1", ReceiptName.exchangeAndId(id));
        assertFalse(ReceiptName.isOfId(ReceiptName.of("ids.1")));
        assertFalse(ReceiptName.isName("amq.receipts"));
        assertFalse(ReceiptName.isName("amq.receipt"));
    }
}
