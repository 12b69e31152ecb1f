using LoraPS.Engine.Merging;
using LoraPS.Engine.Runtime;
using TorchSharp;
using static TorchSharp.torch;

namespace LoraPS.Engine.Tests.Merging;

public class MergeMethodTests
{
    private const int Rows = 12, Columns = 9;

    static MergeMethodTests() => TorchRuntime.EnsureLoaded();

    public static TheoryData<string> Methods => [.. MergeMethods.Names];

    private static MergeTerm Term(int item, int rank, double alpha, double weight)
    {
        var random = new CounterRandom(11, RandomPurpose.NetworkInit, item: item);
        return new(random.Normal(Rows, rank), random.Normal(rank, Columns), alpha, weight);
    }

    private static MergeModule Module(params MergeTerm[] terms) => new("lora_unet_mid_block_attentions_0_proj_in", IsConvolution: false, terms);

    private static Tensor Exact(MergeModule module) =>
        module.Terms.Select(t => t.Up.matmul(t.Down) * (t.Weight * t.Alpha / t.Rank)).Aggregate((a, b) => a + b);

    private static Tensor Run(string method, MergeModule module, MergeMethodOptions? options = null)
    {
        using var merged = MergeMethods.Create(method, options ?? new()).Merge(module);
        return merged.Up.to(float32).matmul(merged.Down.to(float32)) * (merged.Alpha / merged.Up.shape[1]);
    }

    private static double Distance(Tensor a, Tensor b) => ((a - b).norm() / b.norm()).item<float>();

    [Theory]
    [MemberData(nameof(Methods))]
    public void One_source_of_weight_one_stays_what_it_is(string method)
    {
        using var scope = NewDisposeScope();
        var module = Module(Term(1, rank: 3, alpha: 1.5, weight: 1));
        Assert.InRange(Distance(Run(method, module, new() { Density = 1 }), Exact(module)), 0, 1e-5);
    }

    [Theory]
    [MemberData(nameof(Methods))]
    public void A_negative_weight_turns_the_sign_once(string method)
    {
        using var scope = NewDisposeScope();
        var module = Module(Term(1, rank: 3, alpha: 1.5, weight: -1));
        Assert.InRange(Distance(Run(method, module, new() { Density = 1 }), Exact(module)), 0, 1e-5);
    }

    [Theory]
    [MemberData(nameof(Methods))]
    public void No_tensor_outlives_a_merge_but_its_factors(string method)
    {
        using var scope = NewDisposeScope();
        var module = Module(Term(1, 3, 1.5, 1), Term(2, 3, 2, 0.5));
        var before = DisposeScopeManager.Statistics.ThreadTotalLiveCount;
        MergeMethods.Create(method, new()).Merge(module).Dispose();
        Assert.Equal(before, DisposeScopeManager.Statistics.ThreadTotalLiveCount);
    }

    [Theory]
    [InlineData("WeightedSum")]
    [InlineData("Svd")]
    public void The_sum_is_exact_whatever_the_ranks_alphas_and_signs_and_their_order(string method)
    {
        using var scope = NewDisposeScope();
        MergeTerm[] terms = [Term(1, 2, 1, 0.5), Term(2, 4, 3, -0.7), Term(3, 1, 0.25, 2)];
        var exact = Exact(Module(terms));
        Assert.InRange(Distance(Run(method, Module(terms)), exact), 0, 1e-6);
        Assert.InRange(Distance(Run(method, Module([.. terms.Reverse()])), exact), 0, 1e-6);
    }

    [Fact]
    public void Svd_reports_the_share_it_cuts_off()
    {
        using var scope = NewDisposeScope();
        var module = Module(Term(1, 4, 2, 1), Term(2, 4, 3, 0.5));
        using var merged = new SvdMerge(new() { Rank = 3 }).Merge(module);
        Assert.Equal((3, 3.0), (merged.Up.shape[1], merged.Alpha));
        Assert.Equal(Distance(merged.Up.matmul(merged.Down), Exact(module)), merged.RelativeError, 1e-5);
        Assert.Equal(Exact(module).norm().item<float>(), merged.Norm, 1e-3);
    }

    [Fact]
    public void Convolutions_get_a_rank_of_their_own()
    {
        using var scope = NewDisposeScope();
        var options = new MergeMethodOptions { Rank = 4, ConvRank = 2 };
        var module = Module(Term(1, 6, 2, 1));
        Assert.Equal(4, options.RuleFor(module).Limit);
        Assert.Equal(2, options.RuleFor(module with { IsConvolution = true }).Limit);
        Assert.Equal(6, new MergeMethodOptions().RuleFor(module).Limit);
    }

    [Fact]
    public void Clipping_keeps_every_entry_within_the_quantile_and_counts_as_error()
    {
        using var scope = NewDisposeScope();
        var module = Module(Term(1, 4, 2, 1), Term(2, 4, 3, 0.5));
        using var clipped = new SvdMerge(new() { Rank = 4, ClampQuantile = 0.9 }).Merge(module);
        using var whole = new SvdMerge(new() { Rank = 4 }).Merge(module);
        Assert.True(clipped.RelativeError > whole.RelativeError);
        Assert.Equal(Distance(clipped.Up.matmul(clipped.Down), Exact(module)), clipped.RelativeError, 1e-5);
    }

    [Fact]
    public void A_weight_acts_squared_in_the_factor_sum()
    {
        using var scope = NewDisposeScope();
        var module = Module(Term(1, 4, 2, 0.5));
        Assert.InRange(Distance(Run("FactorSum", module), Exact(module) * 0.5), 0, 1e-6);
        using var merged = new FactorSumMerge(new()).Merge(module);
        Assert.Equal(0.5, merged.RelativeError, 1e-6);
    }

    [Fact]
    public void The_factor_sum_has_cross_terms_and_says_how_far_off_they_are()
    {
        using var scope = NewDisposeScope();
        var (a, b) = (Term(1, 3, 2, 0.6), Term(2, 3, 1, 0.4));
        var root = Math.Sqrt(0.5);
        var expected = ((0.6 * a.Up) + (0.4 * root * b.Up)).matmul((0.6 * a.Down) + (0.4 * root * b.Down)) * (2.0 / 3);
        using var merged = new FactorSumMerge(new()).Merge(Module(a, b));
        var actual = merged.Up.matmul(merged.Down) * (2.0 / 3);
        Assert.InRange(Distance(actual, expected), 0, 1e-6);
        Assert.Equal(Distance(actual, Exact(Module(a, b))), merged.RelativeError, 1e-5);
        Assert.InRange(merged.RelativeError, 0.3, 10);
    }

    [Fact]
    public void The_factor_sum_refuses_ranks_that_differ_unless_they_are_put_side_by_side()
    {
        using var scope = NewDisposeScope();
        var module = Module(Term(1, 3, 2, 0.6), Term(2, 5, 1, 0.4));
        var error = Assert.Throws<LoraMergeException>(() => new FactorSumMerge(new()).Merge(module));
        Assert.Equal("LoraRanksDiffer", error.ErrorId);
        Assert.Equal(module.Name, error.Target);
        using var merged = new FactorSumMerge(new() { Concat = true }).Merge(module);
        Assert.Equal((8, 2.0), (merged.Up.shape[1], merged.Alpha));
    }

    [Fact]
    public void Ties_keeps_the_largest_entries_votes_and_averages_those_that_agree()
    {
        using var scope = NewDisposeScope();
        var module = Module(Term(1, 3, 2, 1), Term(2, 3, 1, 0.5), Term(3, 2, 2, -0.8));
        var entries = module.Terms.Select(t => Trimmed(t, 0.4)).ToList();
        var expected = new float[Rows * Columns];
        for (var i = 0; i < expected.Length; i++)
        {
            var sign = entries.Sum(e => e[i]) >= 0 ? 1 : -1;
            expected[i] = entries.Where(e => e[i] * sign > 0).Select(e => e[i]).DefaultIfEmpty(0).Average();
        }

        var actual = Run("Ties", module, new() { Density = 0.4, Rank = Columns });
        Assert.InRange(Distance(actual, tensor(expected, Rows, Columns)), 0, 1e-5);
    }

    private static float[] Trimmed(MergeTerm term, double density)
    {
        var values = (term.Up.matmul(term.Down) * (term.Alpha / term.Rank)).data<float>().ToArray();
        var smallest = values.Select(Math.Abs).OrderDescending().ElementAt((int)Math.Round(density * values.Length) - 1);
        return [.. values.Select(v => Math.Abs(v) >= smallest ? v * (float)term.Weight : 0)];
    }

    [Fact]
    public void Dare_drops_entries_and_scales_the_rest_up()
    {
        using var scope = NewDisposeScope();
        var module = Module(Term(1, 3, 2, 1));
        var ratio = (Run("Dare", module, new() { Density = 0.25, Rank = Columns }) / Exact(module)).data<float>().ToArray();
        var kept = ratio.Count(r => Math.Abs(r - 4) < 0.01);
        Assert.Equal(ratio.Length, kept + ratio.Count(r => Math.Abs(r) < 0.01));
        Assert.InRange(kept, 10, 50); // 108 entries, a quarter expected
    }

    [Fact]
    public void Dare_depends_on_its_seed_and_on_the_module_alone()
    {
        using var scope = NewDisposeScope();
        var module = Module(Term(1, 3, 2, 1), Term(2, 3, 2, 1));
        var first = Run("Dare", module, new() { Seed = 1 });
        Assert.True(first.equal(Run("Dare", module, new() { Seed = 1 })).all().item<bool>());
        Assert.InRange(Distance(Run("Dare", module, new() { Seed = 2 }), first), 0.1, 10);
        Assert.InRange(Distance(Run("Dare", module with { Name = "other" }, new() { Seed = 1 }), first), 0.1, 10);
    }

    [Fact]
    public void Numbers_outside_their_range_and_unknown_methods_are_refused()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => MergeMethods.Create("Ties", new() { Density = 0 }));
        Assert.Throws<ArgumentOutOfRangeException>(() => MergeMethods.Create("dare", new() { Density = 1.5 }));
        Assert.Throws<ArgumentOutOfRangeException>(() => MergeMethods.Create("Svd", new() { ClampQuantile = double.NaN }));
        Assert.Contains("WeightedSum", Assert.Throws<ArgumentException>(() => MergeMethods.Create("Sum", new())).Message, StringComparison.Ordinal);
    }
}
