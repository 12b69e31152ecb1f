using LoraPS.Engine.Runtime;
using static TorchSharp.torch;

namespace LoraPS.Engine.Lora;

/// <summary>Low-rank factors trained so that their first ranks work without the rest: one file serves every lower rank.</summary>
/// <remarks>
/// Valipour et al., "DyLoRA", 2022: in each step a unit of consecutive ranks is drawn, and the ranks up to its end are used and
/// learn, with the strength alpha / n, n being their number. That is what a file cut to n ranks computes, alpha being kept.
/// DyLoRAModule of sd-scripts networks/dylora.py@48d368fa differs: all ranks are used, only the drawn unit learns, and the
/// change is multiplied by √(r / n), r being all ranks; so the first ranks rely on the others, and what is cut from such a file
/// neither has what was learned nor leaves the rest alone (docs/quality.md). <see cref="LoraOptions.DyLoraUsesAllRanks"/> asks
/// for that arithmetic. There it happens outside training too, and the multiplier is not used; here a network that is not being
/// trained computes what its file says. Each unit is a parameter of its own, because an optimizer counts steps and decays
/// weights only of what has a gradient.
/// </remarks>
public sealed class DyLoraAdapter : NetworkAdapter
{
    private readonly AdapterParameter[] _downs;
    private readonly AdapterParameter[] _ups;
    private readonly int _unit;
    private readonly bool _usesAllRanks;
    private readonly long _seed;

    /// <summary>Makes the factors: down uniform in ±1/√(fan in), up zero, so that the layer computes what it did.</summary>
    /// <param name="target">The layer; not owned. Its rank is a multiple of the unit.</param>
    /// <param name="index">The module's place in the network, which names its random numbers.</param>
    /// <param name="seed">The run's seed.</param>
    /// <param name="dropout">The network's dropouts.</param>
    /// <param name="options">The unit, and which ranks a step uses.</param>
    public DyLoraAdapter(LoraTarget target, int index, long seed, LoraDropout dropout, LoraOptions options)
        : base(target, index, dropout)
    {
        ArgumentNullException.ThrowIfNull(options);
        var unit = options.Unit;
        (_unit, _usesAllRanks, _seed) = (unit, options.DyLoraUsesAllRanks, seed);
        using var whole = FactorInit.Down(target, index, seed);
        var count = target.Rank / unit;
        _downs = [.. Enumerable.Range(0, count).Select(i => new AdapterParameter($"{target.DownKey}.{i}", FactorInit.Part(whole, i * unit, unit), IsUp: false))];
        long[] upShape = [target.UpShape[0], unit, .. target.UpShape[2..]];
        _ups = [.. Enumerable.Range(0, count).Select(i => new AdapterParameter($"{target.UpKey}.{i}", FactorInit.Zeros(upShape, target), IsUp: true))];
    }

    /// <summary>The unit that is drawn in this step, from 0; null outside training, where all ranks count alike.</summary>
    public int? ActiveUnit { get; set; }

    /// <inheritdoc/>
    public override IReadOnlyList<AdapterParameter> Parameters => [.. _downs, .. _ups];

    /// <inheritdoc/>
    public override void BeginStep(int? number) =>
        ActiveUnit = number is { } step ? new CounterRandom(_seed, RandomPurpose.RankUnit, step, Index).NextInt(_downs.Length) : null;

    /// <inheritdoc/>
    public override IEnumerable<KeyValuePair<string, Tensor>> FileTensors() => [new(Target.DownKey, Whole(_downs, 0)), new(Target.UpKey, Whole(_ups, 1))];

    /// <inheritdoc/>
    public override Tensor Delta()
    {
        using var scope = NewDisposeScope();
        return LoraMath.Delta(Whole(_ups, 1), Whole(_downs, 0), LoraMath.Scale(Target.Alpha, Target.Rank), Target.Layer.Weight.shape).MoveToOuterDisposeScope();
    }

    /// <inheritdoc/>
    public override double DeltaNorm()
    {
        using var scope = NewDisposeScope();
        return LoraMath.DeltaNorm(Whole(_ups, 1), Whole(_downs, 0), LoraMath.Scale(Target.Alpha, Target.Rank));
    }

    /// <inheritdoc/>
    public override void Load(Func<string, Tensor> read)
    {
        LoadUnits(read(Target.DownKey), _downs, 0);
        LoadUnits(read(Target.UpKey), _ups, 1);
    }

    /// <inheritdoc/>
    protected override Tensor Change(Tensor input, Tensor output, CounterRandom? random)
    {
        var bottleneck = FactorProduct.Down(Target.Layer, input, Join(_downs, 0));
        if (random is not null)
            bottleneck = Dropout.Apply(bottleneck, random);
        return FactorProduct.Up(bottleneck.Times(Multiplier * LoraMath.Scale(Target.Alpha, Target.Rank) * Raised), Join(_ups, 1));
    }

    private double Raised
    {
        get
        {
            var more = ActiveUnit is { } unit ? Target.Rank / (double)((unit + 1) * _unit) : 1;
            return _usesAllRanks ? Math.Sqrt(more) : more;
        }
    }

    /// <summary>The ranks of this step, of which those that learn pass gradients back.</summary>
    private Tensor Join(AdapterParameter[] units, long dim)
    {
        if (ActiveUnit is not { } active)
            return Whole(units, dim);
        return cat(_usesAllRanks
            ? [.. units.Select((unit, i) => i == active ? unit.Value : unit.Value.detach())]
            : [.. units[..(active + 1)].Select(unit => unit.Value)], dim);
    }

    private static Tensor Whole(AdapterParameter[] units, long dim) => cat([.. units.Select(unit => unit.Value)], dim);

    private void LoadUnits(Tensor whole, AdapterParameter[] units, long dim)
    {
        for (var i = 0; i < units.Length; i++)
            units[i].Value.copy_(whole.narrow(dim, i * _unit, _unit));
    }
}
