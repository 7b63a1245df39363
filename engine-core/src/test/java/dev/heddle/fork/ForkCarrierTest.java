// Copyright the Heddle developers. SPDX-License-Identifier: Apache-2.0

package dev.heddle.fork;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;
import static org.awaitility.Awaitility.await;

import dev.heddle.EngineProbe;
import dev.heddle.TaskEngine;
import dev.heddle.error.ForkScopeException;
import dev.heddle.error.TaskFailedException;
import java.lang.ref.WeakReference;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a scope does with the carriers of its joins. */
@Timeout(120)
class ForkCarrierTest {

  @RegisterExtension final EngineProbe engines = new EngineProbe();

  /** A node of a tree that has a hash: where it is, how deep, and what it must not lose. */
  private static final class Node {
    long path;
    int depth;
    long salt;
    @Nullable Object payload;
    long result;

    Node of(long path, int depth, long salt, @Nullable Object payload) {
      this.path = path;
      this.depth = depth;
      this.salt = salt;
      this.payload = payload;
      return this;
    }
  }

  private static final class Pair extends ForkCarrier {
    final Node left = new Node();
    final Node right = new Node();

    @Override
    public void forget() {
      left.payload = null;
      right.payload = null;
    }
  }

  private static final Fork<Node, Node> HASH = ForkCarrierTest::hash;

  private static Node hash(ForkScope scope, Node node) {
    long path = node.path;
    int depth = node.depth;
    long salt = node.salt;
    Object payload = node.payload;
    node.result =
        depth == 0
            ? leaf(path, salt, payload)
            : join(scope, 2 * path, 2 * path + 1, depth - 1, 3 * salt, payload);
    return node;
  }

  private static long join(
      ForkScope scope, long left, long right, int depth, long salt, @Nullable Object payload) {
    Pair pair = scope.carrier(Pair.class, Pair::new);
    return scope.join(
            HASH,
            pair.left.of(left, depth, salt, payload),
            pair.right.of(right, depth, salt + 1, payload),
            (a, b) -> {
              a.result = 31 * a.result + b.result;
              return a;
            })
        .result;
  }

  private static long leaf(long path, long salt, @Nullable Object payload) {
    if (path % 1_013 == 1_012) {
      throw new IllegalStateException("leaf " + path);
    }
    return path * salt + Objects.hashCode(payload);
  }

  private static long sequentially(long path, int depth, long salt, String payload) {
    return depth == 0
        ? leaf(path, salt, payload)
        : 31 * sequentially(2 * path, depth - 1, 3 * salt, payload)
            + sequentially(2 * path + 1, depth - 1, 3 * salt + 1, payload);
  }

  private static long compute(TaskEngine engine, int depth, long salt) {
    return engine.compute(HASH, new Node().of(1, depth, salt, "warp")).result;
  }

  // ---- results

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 8})
  void join_carriers_asSequentially(int workers) {
    TaskEngine engine = engines.start(workers);
    for (int round = 0; round < 200; round++) {
      assertThat(compute(engine, 8, round)).isEqualTo(sequentially(1, 8, round, "warp"));
    }
  }

  /** A left branch that fails leaves its carrier to the next join, the right one over. */
  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3})
  void join_leavesThrow_carriersStayUsable(int workers) {
    TaskEngine engine = engines.start(workers);
    for (int round = 0; round < 200; round++) {
      int salt = round;
      assertThatExceptionOfType(TaskFailedException.class)
          .isThrownBy(() -> compute(engine, 12, salt))
          .havingCause()
          .isInstanceOf(IllegalStateException.class)
          .withMessageStartingWith("leaf ");
      assertThat(compute(engine, 6, salt)).isEqualTo(sequentially(1, 6, salt, "warp"));
    }
  }

  // ---- which one

  private static final class Other extends ForkCarrier {
    @Override
    public void forget() {}
  }

  @Test
  void carrier_sameClass_isKeptByTheScope() {
    List<ForkCarrier> got = new ArrayList<>();
    engines
        .start(1)
        .compute(
            scope -> {
              got.add(scope.carrier(Pair.class, Pair::new));
              scope.joinLong(
                  left -> left.carrier(Pair.class, Pair::new).left.path, right -> 0, Long::sum);
              got.add(scope.carrier(Pair.class, Pair::new));
              got.add(scope.carrier(Other.class, Other::new));
              got.add(scope.carrier(Pair.class, Pair::new));
              return true;
            });
    assertThat(got.get(1)).isSameAs(got.get(0));
    assertThat(got.get(2)).isInstanceOf(Other.class);
    assertThat(got.get(3)).isInstanceOf(Pair.class).isNotSameAs(got.get(0));
  }

  @Test
  void carrier_ofABranch_isNotThatOfItsScope() {
    List<ForkCarrier> got = new ArrayList<>();
    engines
        .start(1)
        .compute(
            scope -> {
              got.add(scope.carrier(Pair.class, Pair::new));
              return scope.join(
                  left -> got.add(left.carrier(Pair.class, Pair::new)),
                  right -> got.add(right.carrier(Pair.class, Pair::new)),
                  Boolean::logicalAnd);
            });
    assertThat(got.get(1)).isNotSameAs(got.get(0));
    assertThat(got.get(2)).isNotSameAs(got.get(0));
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2})
  void carrier_afterTheComputation_holdsNothing(int workers) {
    TaskEngine engine = engines.start(workers);
    List<WeakReference<Object>> references = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      Object payload = new Object();
      references.add(new WeakReference<>(payload));
      engine.compute(
          scope -> {
            Pair pair = scope.carrier(Pair.class, Pair::new);
            return scope.join(
                HASH, pair.left.of(1, 0, 1, payload), pair.right.of(1, 0, 1, payload), (a, b) -> a);
          });
    }
    await()
        .untilAsserted(
            () -> {
              System.gc();
              assertThat(references).allMatch(each -> each.refersTo(null));
            });
  }

  /** Their classes are the program's, whose loader may want to go. */
  @Test
  void carrier_ofAWorkerThatHasNothingToDo_isLetGo() {
    TaskEngine engine = engines.start(2);
    List<WeakReference<Object>> references = new ArrayList<>();
    engine.compute(
        scope -> {
          references.add(new WeakReference<>(scope.carrier(Pair.class, Pair::new)));
          return scope.join(
              left -> references.add(new WeakReference<>(left.carrier(Pair.class, Pair::new))),
              right -> true,
              Boolean::logicalAnd);
        });
    await()
        .untilAsserted(
            () -> {
              System.gc();
              assertThat(references).hasSize(2).allMatch(each -> each.refersTo(null));
            });
    assertThat(compute(engine, 8, 3)).isEqualTo(sequentially(1, 8, 3, "warp"));
  }

  // ---- misuse

  @Test
  @SuppressWarnings("NullAway") // null on purpose
  void carrier_badInput_isRefusedAndTheScopeStaysUsable() {
    engines
        .start(1)
        .compute(
            scope -> {
              assertThatNullPointerException()
                  .isThrownBy(() -> scope.carrier(null, Pair::new))
                  .withMessage("type");
              assertThatNullPointerException()
                  .isThrownBy(() -> scope.carrier(Pair.class, null))
                  .withMessage("maker");
              assertThatNullPointerException()
                  .isThrownBy(() -> scope.carrier(Pair.class, () -> null))
                  .withMessage("carrier");
              assertThat(scope.joinLong(left -> 1, right -> 2, Long::sum)).isEqualTo(3);
              return true;
            });
  }

  @Test
  void carrier_outsideItsBranch_isRefused() {
    TaskEngine engine = engines.start(1);
    AtomicReference<@Nullable ForkScope> kept = new AtomicReference<>();
    engine.compute(
        scope -> {
          kept.set(scope);
          scope.joinInt(
              left -> {
                assertRefused(scope);
                return 1;
              },
              right -> 2,
              Integer::sum);
          CompletableFuture.runAsync(() -> assertRefused(scope), other -> new Thread(other).start())
              .join();
          return true;
        });
    assertRefused(requireNonNull(kept.get()));
  }

  private static void assertRefused(ForkScope scope) {
    assertThatExceptionOfType(ForkScopeException.class)
        .isThrownBy(() -> scope.carrier(Pair.class, Pair::new))
        .withMessageStartingWith("scope is for ");
  }
}
