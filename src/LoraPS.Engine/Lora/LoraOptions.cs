namespace LoraPS.Engine.Lora;

/// <summary>Shape of a LoRA network: which layers get a pair of low-rank factors, and how large these are.</summary>
/// <remarks>Follows sd-scripts <c>create_network</c> (networks/lora.py@48d368fa) for SD1 and SD2.</remarks>
public sealed record LoraOptions
{
    /// <summary>What kind of change each layer gets.</summary>
    /// <value>Default <see cref="NetworkKind.Lora"/>.</value>
    public NetworkKind Kind { get; init; }

    /// <summary>Ranks that are trained together in a <see cref="NetworkKind.DyLora"/> network; divides every rank.</summary>
    /// <value>At least 1; default 1.</value>
    public int Unit { get; init; } = 1;

    /// <summary>Whether each step of a <see cref="NetworkKind.DyLora"/> network uses all ranks and teaches the drawn unit alone, as sd-scripts does.</summary>
    /// <value>Default false: the ranks up to the drawn unit are used and learn, so that the first ranks work by themselves.</value>
    public bool DyLoraUsesAllRanks { get; init; }

    /// <summary>Largest side of the small matrix in a <see cref="NetworkKind.Lokr"/> network; -1 is as square as can be.</summary>
    /// <value>-1 (the default), or at least 1; 4 to 16 is usual.</value>
    public int Factor { get; init; } = -1;

    /// <summary>Whether the strength is alpha / √rank in place of alpha / rank, so that high ranks learn as fast as low ones.</summary>
    /// <value>Default false.</value>
    /// <remarks>Kalajdzievski, "A rank stabilization scaling factor for fine-tuning with LoRA", 2023. The file's alpha is
    /// multiplied by √rank, so that every program reads the same strength from it.</remarks>
    public bool RankStabilized { get; init; }

    /// <summary>Width of the bottleneck of linear layers and 1x1 convolutions.</summary>
    /// <value>At least 1; default 4.</value>
    public int Rank { get; init; } = 4;

    /// <summary>Strength: the factors' product is scaled by alpha / rank. 0 means the same as the rank.</summary>
    /// <value>Default 1.</value>
    public double Alpha { get; init; } = 1;

    /// <summary>Width of the bottleneck of 3x3 convolutions. Null trains the transformer blocks only (LierLa); a number also
    /// trains the U-Net's residual blocks and its up- and downsamplers (C3Lier).</summary>
    /// <value>At least 1, or null (the default).</value>
    public int? ConvRank { get; init; }

    /// <summary>Strength of the 3x3 convolutions' factors, as <see cref="Alpha"/>; not used without <see cref="ConvRank"/>.</summary>
    /// <value>Default 1.</value>
    public double ConvAlpha { get; init; } = 1;

    /// <summary>Ranks of linear layers and 1x1 convolutions block by block, in place of <see cref="Rank"/>; 0 leaves a block out.</summary>
    /// <value>25 numbers for Stable Diffusion 1 and 2 (12 down, 1 in the middle, 12 up), 23 for XL; default null.</value>
    public IReadOnlyList<int>? BlockRanks { get; init; }

    /// <summary>Alphas of linear layers and 1x1 convolutions block by block, in place of <see cref="Alpha"/>.</summary>
    /// <value>As many as <see cref="BlockRanks"/>; default null.</value>
    public IReadOnlyList<double>? BlockAlphas { get; init; }

    /// <summary>Ranks of 3x3 convolutions block by block, in place of <see cref="ConvRank"/>; 0 leaves a block's convolutions out.</summary>
    /// <value>As many as <see cref="BlockRanks"/>; default null.</value>
    public IReadOnlyList<int>? ConvBlockRanks { get; init; }

    /// <summary>Alphas of 3x3 convolutions block by block, in place of <see cref="ConvAlpha"/>.</summary>
    /// <value>As many as <see cref="BlockRanks"/>; default null.</value>
    public IReadOnlyList<double>? ConvBlockAlphas { get; init; }

    /// <summary>Learning rates of the U-Net's blocks; a block whose weight is 0 gets no modules.</summary>
    /// <value>Null (the default): one learning rate for the whole U-Net.</value>
    public BlockLearningRates? BlockLearningRates { get; init; }

    /// <summary>Chance that an element of the bottleneck is set to zero in a training step.</summary>
    /// <value>0 (the default) up to, but not including, 1.</value>
    public double Dropout { get; init; }

    /// <summary>Chance that a whole rank of a module is left out for one picture in a training step.</summary>
    /// <value>0 (the default) up to, but not including, 1; 0.1 to 0.3 is usual.</value>
    public double RankDropout { get; init; }

    /// <summary>Chance that a whole module is left out in a training step.</summary>
    /// <value>0 (the default) up to, but not including, 1; 0.1 to 0.5 is usual.</value>
    public double ModuleDropout { get; init; }

    /// <summary>A LoRA file whose weights the network starts with, in place of fresh ones.</summary>
    /// <value>Default null.</value>
    public string? WeightsPath { get; init; }

    /// <summary>Whether layers, ranks and alphas are those of the file at <see cref="WeightsPath"/>, in place of those given here.</summary>
    /// <value>Default false: the file must hold exactly the network described here.</value>
    public bool RanksFromWeights { get; init; }

    /// <summary>Whether the factors have the model's number format rather than float32.</summary>
    /// <value>Default false.</value>
    public bool FactorsInModelType { get; init; }

    /// <summary>Whether the U-Net gets adapters.</summary>
    /// <value>Default true.</value>
    public bool TrainUNet { get; init; } = true;

    /// <summary>Whether the text encoder gets adapters.</summary>
    /// <value>Default true.</value>
    public bool TrainTextEncoder { get; init; } = true;

    /// <summary>Checks every number against its range.</summary>
    /// <exception cref="ArgumentOutOfRangeException">One is outside.</exception>
    public void Validate()
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(Rank);
        ArgumentOutOfRangeException.ThrowIfNegative(Alpha);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(ConvRank ?? 1, nameof(ConvRank));
        ArgumentOutOfRangeException.ThrowIfNegative(ConvAlpha);
        foreach (var (name, numbers) in new[] { (nameof(BlockRanks), Doubles(BlockRanks)), (nameof(BlockAlphas), BlockAlphas), (nameof(ConvBlockRanks), Doubles(ConvBlockRanks)), (nameof(ConvBlockAlphas), ConvBlockAlphas) })
            numbers?.ToList().ForEach(number => ArgumentOutOfRangeException.ThrowIfNegative(number, name));
        if (RanksFromWeights && WeightsPath is null)
            throw new ArgumentException("Ranks are to be taken from a LoRA file, but none is named.", nameof(WeightsPath));
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(Unit);
        if (Factor is 0 or < -1)
            throw new ArgumentOutOfRangeException(nameof(Factor), Factor, "The factor of a LoKr network is -1 or at least 1.");
        if (Kind is NetworkKind.Loha or NetworkKind.Lokr && (Dropout > 0 || RankDropout > 0))
            throw new ArgumentException($"A {Kind} network has no bottleneck, of which elements or ranks could be dropped. Use module dropout.", nameof(Dropout));
        if (RanksFromWeights && Kind is NetworkKind.Loha or NetworkKind.Lokr)
            throw new ArgumentException($"Ranks are read from files of low-rank factors alone, not for a {Kind} network. Give its rank and alpha.", nameof(RanksFromWeights));
        if (Kind == NetworkKind.DyLora && UndividedRank() is { } rank)
            throw new ArgumentException($"A unit of {Unit} ranks does not divide the rank {rank}. In a DyLoRA network each rank is a multiple of the unit.", nameof(Unit));
        foreach (var (name, chance) in new[] { (nameof(Dropout), Dropout), (nameof(RankDropout), RankDropout), (nameof(ModuleDropout), ModuleDropout) })
        {
            ArgumentOutOfRangeException.ThrowIfNegative(chance, name);
            ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(chance, 1, name);
        }
    }

    private int? UndividedRank()
    {
        int?[] ranks = [Rank, ConvRank, .. BlockRanks?.Select(rank => (int?)rank) ?? [], .. ConvBlockRanks?.Select(rank => (int?)rank) ?? []];
        return Array.Find(ranks, rank => rank % Unit != 0 && rank is not null);
    }

    private static IReadOnlyList<double>? Doubles(IReadOnlyList<int>? numbers) => numbers is null ? null : [.. numbers.Select(number => (double)number)];
}
