package io.tallymq.broker;

import io.tallymq.broker.access.KeptRights;
import io.tallymq.broker.command.Administer;
import io.tallymq.broker.command.CallOff;
import io.tallymq.broker.command.Command;
import io.tallymq.broker.command.ScheduleMessage;
import io.tallymq.broker.effect.Effects;
import io.tallymq.broker.effect.Reply;
import io.tallymq.broker.limits.MachineLimits;
import io.tallymq.broker.message.Stamp;
import io.tallymq.broker.moving.DeadLettering;
import io.tallymq.broker.moving.LateKeys;
import io.tallymq.broker.moving.LetterDelays;
import io.tallymq.broker.moving.MovedNames;
import io.tallymq.broker.moving.Placement;
import io.tallymq.broker.moving.Redriving;
import io.tallymq.broker.moving.Releasing;
import io.tallymq.broker.moving.Reporting;
import io.tallymq.broker.processing.AccessCommands;
import io.tallymq.broker.processing.Closing;
import io.tallymq.broker.processing.ConsumerCommands;
import io.tallymq.broker.processing.Deferral;
import io.tallymq.broker.processing.DueWork;
import io.tallymq.broker.processing.ExchangeCommands;
import io.tallymq.broker.processing.LifeCommands;
import io.tallymq.broker.processing.NotedCommands;
import io.tallymq.broker.processing.NotedTopology;
import io.tallymq.broker.processing.PolicyCommands;
import io.tallymq.broker.processing.QosCommands;
import io.tallymq.broker.processing.QueueCommands;
import io.tallymq.broker.processing.ReceiptCommands;
import io.tallymq.broker.processing.ReplyCommands;
import io.tallymq.broker.processing.SettleCommands;
import io.tallymq.broker.processing.UploadCommands;
import io.tallymq.broker.processing.VhostRemoval;
import io.tallymq.broker.processing.VhostRules;
import io.tallymq.broker.publish.Foresight;
import io.tallymq.broker.publish.Publishing;
import io.tallymq.broker.publish.RecentHistory;
import io.tallymq.broker.publish.Scheduling;
import io.tallymq.broker.receipts.Named;
import io.tallymq.broker.store.MessageStore;
import io.tallymq.format.Versions;
import java.util.function.Predicate;

/**
 * Who carries commands out, and what later entries still have to do of it. Made here once, on top of all that is kept, and they know
 * each other from then on. Which command is whose, and when, is {@link BrokerMachine}'s business.
 */
abstract class BrokerProcessing extends BrokerState {
    final AccessCommands accessCommands;
    final NotedCommands noted;
    final VhostRemoval vhostRemoval;
    final PolicyCommands policyCommands;
    final ExchangeCommands exchangeCommands;
    final QueueCommands queueCommands;
    final QosCommands qosCommands;
    final ConsumerCommands consumerCommands;
    final SettleCommands settleCommands;
    final Deferral deferral;
    final Publishing publishing;
    final Foresight foresight;
    final Scheduling scheduling;
    final RecentHistory recentHistory;
    final DeadLettering deadLettering;
    final ReceiptCommands receiptCommands;
    final Reporting reporting;
    final DueWork dueWork;
    final Redriving redriving;
    final Releasing releasing;
    final LifeCommands lifeCommands;
    final UploadCommands uploadCommands;
    final ReplyCommands replyCommands;

    BrokerProcessing(MessageStore store, MachineLimits limits, Versions levels) {
        super(store, limits, levels);
        replyCommands = new ReplyCommands(connections, limits.state());
        VhostRules vhostRules = new VhostRules(access, queues, connections, this::level);
        policyCommands = new PolicyCommands(
                policies,
                policyRound,
                queues,
                topology,
                handouts,
                vhostRules,
                ids,
                seen,
                this::clock,
                this::level,
                limits.work());
        exchangeCommands = new ExchangeCommands(topology, policyCommands, vhostRules, this::level);
        queueCommands = new QueueCommands(
                queues,
                topology,
                connections,
                dirty,
                handouts,
                leaving,
                numbers::newNumber,
                this::level,
                policyCommands,
                vhostRules,
                limits);
        qosCommands = new QosCommands(queueCommands, connections, this::level);
        consumerCommands = new ConsumerCommands(
                queues,
                queueCommands,
                qosCommands,
                connections,
                dirty,
                handouts,
                leaving,
                numbers::newNumber,
                this::clock,
                this::level,
                limits);
        accessCommands = new AccessCommands(access, topology, this::level);
        vhostRemoval = new VhostRemoval(
                access,
                topology,
                queues,
                queueCommands,
                schedule,
                policies,
                producers,
                leaving,
                untold,
                this::level,
                limits.work().perEntry());
        Named named = new Named(producers);
        Placement placement =
                new Placement(store, sharedBodies, numbers::newShared, dirty, handouts, limits, this::level);
        KeptRights rights = new KeptRights(() -> access);
        deferral = new Deferral(queues, connections, consumerCommands, placement, dirty, rights, limits.state());
        settleCommands = new SettleCommands(queues, consumerCommands, deferral, dirty, limits.state(), () -> level);
        Predicate<String> vhostIsThere = vhost -> level < Administer.LEVEL || access.hasVhost(vhost);
        reporting = new Reporting(
                untold,
                queues,
                store,
                placement,
                dirty,
                vhostIsThere,
                limits.work().perEntry());
        MovedNames names = new MovedNames(named, ids, topology, reporting);
        deadLettering = new DeadLettering(
                deadLetters,
                store,
                topology,
                new LetterDelays(schedule, topology, numbers::newNumber, limits.state(), this::level),
                placement,
                dirty,
                names,
                this::level,
                limits.work().slice());
        redriving = new Redriving(
                queues,
                store,
                placement,
                dirty,
                handouts,
                access,
                names,
                limits.work().perEntry(),
                limits.work().slice());
        scheduling = new Scheduling(
                schedule,
                topology.routes(),
                sharedBodies,
                numbers::newNumber,
                seen,
                names,
                rights,
                this::level,
                limits.state());
        noted = new NotedCommands(
                access, connections, new NotedTopology(access, queues, topology), scheduling::refusal, this::level);
        recentHistory = new RecentHistory(recent, topology, queues, placement, this::level);
        foresight = new Foresight(topology, seen, ids, producers, connections, vhostIsThere);
        publishing = new Publishing(
                placement,
                scheduling,
                deadLettering,
                topology,
                connections,
                uploads,
                sharedBodies,
                queues::holder,
                publishCounts,
                replyCommands,
                seen,
                recentHistory,
                producers,
                named,
                ids,
                reporting,
                vhostIsThere,
                this::level,
                limits);
        releasing = new Releasing(
                schedule,
                topology,
                new LateKeys(seen),
                placement,
                publishCounts,
                this::level,
                names,
                limits.work().slice());
        receiptCommands = new ReceiptCommands(
                producers, connections, named, ids, topology, vhostRules, access, numbers::newNumber, this::level);
        dueWork = new DueWork(agenda, absence, queueCommands, consumerCommands, handouts, dirty);
        Closing closing = new Closing(
                queues,
                queueCommands,
                connections,
                dirty,
                handouts,
                leaving,
                numbers::newNumber,
                this::level,
                limits.work().atOnce());
        lifeCommands = new LifeCommands(nodes, connections, uploads, queues, closing, vhostRules, limits.state());
        uploadCommands = new UploadCommands(uploads, connections);
    }

    /** Calls one off that waits for its time, or brings one: what is told of the one before is work as a publish's is. */
    final Reply scheduled(Command c) {
        long before = scheduling.work();
        Reply reply = c instanceof CallOff off ? scheduling.callOff(off) : scheduling.schedule((ScheduleMessage) c);
        unwritten += scheduling.work() - before;
        return reply;
    }

    /**
     * Whether something is left to be done by later entries, each of which does some: the log should go on even if nobody wants
     * anything.
     */
    public boolean owes() {
        return handouts.waiting() > 0
                || !leaving.isEmpty()
                || !queues.aside().left().isEmpty()
                || !queues.aside().asideLeft().isEmpty()
                || !queues.aside().pickedLeft().isEmpty()
                || !queues.aside().valuesLeft().isEmpty()
                || !queues.timeouts().isEmpty()
                || !deadLetters.waiting().isEmpty()
                || !untold.isEmpty()
                || nextDue() <= clock
                || recentDigests.walks() > 0
                || !owed.isEmpty()
                || policyRound.isActive()
                || access.isAnyGoing()
                || topology.owes()
                || uploads.owes()
                || seen.owes()
                || recent.owes()
                || producers.owes(clock)
                || ids.owes(clock);
    }

    /**
     * Some of what is due goes on.
     *
     * @param units of that, whatever is due
     * @param keptUp units of what came lately, of both kinds together: see {@link io.tallymq.broker.limits.WorkLimits}
     */
    final void doWhatIsDue(Stamp now, int units, int keptUp, Effects effects) {
        dueWork.step(clock, units, effects);
        if (!reporting.isFull(0)) { // else these wait, as what left does
            boolean both = lately.letters() > 0;
            unwritten += releasing.step(now, units, lately.before(), both ? keptUp / 2 : keptUp, effects);
            int rest = keptUp == 0 ? 0 : Math.max(1, keptUp - releasing.units());
            unwritten += deadLettering.step(now, units, rest, effects);
        }
    }

    /** Whether by the last entry more became due, or dead letters, than it might move: who publishes should slow down. */
    public boolean isBehind() {
        return releasing.isBehind() || deadLettering.isBehind();
    }

    /** When something is due that nobody asks for, in milliseconds since the epoch; {@link Long#MAX_VALUE} for never. */
    public long nextDue() {
        return Math.min(Math.min(dueWork.next(), schedule.next()), ids.next());
    }

    /** Whether what is left to be done can not go on before a {@link #commit}. */
    public boolean waitsForCommit() {
        return owed.waitsForCommit();
    }

    /** How much that is: queues with more to hand out or to take back, who left, digests, ranges of chunks, bindings, policies' round. */
    public int owed() {
        return handouts.waiting()
                + leaving.owed()
                + queues.aside().left().ranges()
                + queues.aside().asideLeft().records()
                + queues.aside().pickedLeft().records()
                + queues.aside().valuesLeft().records()
                + queues.timeouts().size()
                + deadLetters.waiting().size()
                + untold.size()
                + recentDigests.walks()
                + owed.ranges()
                + topology.owed()
                + uploads.owed()
                + (policyRound.isActive() ? 1 : 0);
    }
}
