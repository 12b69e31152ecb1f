using LoraPS.Engine.Merging;

namespace LoraPS.Engine.Sampling;

/// <summary>Which pictures to make, and how.</summary>
public sealed record ImageOptions
{
    /// <summary>What the pictures show.</summary>
    public required string Prompt { get; init; }

    /// <summary>What they should not show.</summary>
    /// <value>Default: nothing.</value>
    public string NegativePrompt { get; init; } = "";

    /// <summary>LoRAs at work while the pictures are made, with their ratios and block weights.</summary>
    /// <value>Default: none.</value>
    public IReadOnlyList<LoraSource> Loras { get; init; } = [];

    /// <summary>The sampler, one of <see cref="Sampler.All"/>.</summary>
    /// <value>Default DPM++ 2M Karras.</value>
    public string Sampler { get; init; } = "DPM++ 2M Karras";

    /// <summary>Steps from noise to picture.</summary>
    /// <value>1 to the model's number of timesteps; default 20.</value>
    public int Steps { get; init; } = 20;

    /// <summary>How strongly pictures are drawn to the prompt; 1 leaves the negative prompt out.</summary>
    /// <value>Default 7.</value>
    public double GuidanceScale { get; init; } = 7;

    /// <summary>Seed of the first picture; each further one has the next number.</summary>
    /// <value>Null (the default) draws one.</value>
    public long? Seed { get; init; }

    /// <summary>How many pictures.</summary>
    /// <value>Default 1.</value>
    public int Count { get; init; } = 1;

    /// <summary>Width in pixels, a multiple of what the model asks for (64 for Stable Diffusion 1).</summary>
    /// <value>Default 512.</value>
    public int Width { get; init; } = 512;

    /// <summary>Height in pixels, a multiple of what the model asks for (64 for Stable Diffusion 1).</summary>
    /// <value>Default 512.</value>
    public int Height { get; init; } = 512;

    /// <summary>Which layer of the text encoder is used, counted from the end.</summary>
    /// <value>Null (the default) is the last.</value>
    public int? ClipSkip { get; init; }

    /// <summary>A .png file for one picture; otherwise a folder, in which each picture is named after its seed.</summary>
    public required string DestinationPath { get; init; }

    /// <summary>Whether files that exist may be replaced.</summary>
    /// <value>Default false.</value>
    public bool Overwrite { get; init; }

    /// <summary>Vocabulary of the tokenizer, where it is not in the model's folder.</summary>
    /// <value>Default null.</value>
    public string? TokenizerPath { get; init; }

    /// <summary>Whether a missing vocabulary may be fetched from the Hugging Face Hub.</summary>
    /// <value>Default false.</value>
    public bool AllowDownload { get; init; }

    /// <summary>The file a picture is written to.</summary>
    /// <param name="seed">The picture's seed.</param>
    internal string PathOf(long seed) => IsFile ? DestinationPath : Path.Combine(DestinationPath, FormattableString.Invariant($"{seed}.png"));

    private bool IsFile => Path.GetExtension(DestinationPath).Equals(".png", StringComparison.OrdinalIgnoreCase);

    /// <summary>Checks what can be checked without the model.</summary>
    /// <exception cref="ArgumentException">A value is outside its range.</exception>
    internal void Validate()
    {
        ArgumentNullException.ThrowIfNull(Prompt);
        ArgumentNullException.ThrowIfNull(NegativePrompt);
        ArgumentException.ThrowIfNullOrWhiteSpace(DestinationPath);
        Sampling.Sampler.Find(Sampler);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(Steps);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(Count);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(Width);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(Height);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(ClipSkip ?? 1, nameof(ClipSkip));
        if (!double.IsFinite(GuidanceScale))
            throw new ArgumentOutOfRangeException(nameof(GuidanceScale), GuidanceScale, "The guidance scale is a finite number.");
        if (IsFile && Count > 1)
            throw new ArgumentException($"{Count} pictures cannot all be {DestinationPath}. Name a folder.", nameof(DestinationPath));
    }
}
