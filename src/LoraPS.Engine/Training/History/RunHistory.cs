namespace LoraPS.Engine.Training.History;

/// <summary>A run as its log tells it, from its first step on even where it was stopped and taken up again.</summary>
public sealed record RunHistory
{
    /// <summary>The settings that decide the run's numbers, by name.</summary>
    public IReadOnlyDictionary<string, string> Settings { get; init; } = new Dictionary<string, string>();

    /// <summary>A hash of the settings: equal for runs whose numbers are equal.</summary>
    public string SettingsHash { get; init; } = "";

    /// <summary>When it was begun, as the log writes it.</summary>
    public string StartedAt { get; init; } = "";

    /// <summary>Its seed.</summary>
    public long Seed { get; init; }

    /// <summary>Steps it was to have.</summary>
    public int Steps { get; init; }

    /// <summary>Epochs it was to have.</summary>
    public int Epochs { get; init; }

    /// <summary>Its data set; empty where the log is silent.</summary>
    public IReadOnlyList<RunPicture> Pictures { get; init; } = [];

    /// <summary>Its steps, in order.</summary>
    public IReadOnlyList<RunPoint> Points { get; init; } = [];

    /// <summary>Losses on validation pictures, in order.</summary>
    public IReadOnlyList<RunValidation> Validations { get; init; } = [];

    /// <summary>Files written, in order; some may have been deleted since.</summary>
    public IReadOnlyList<RunSave> Saves { get; init; } = [];

    /// <summary>Pictures made on the way, in order.</summary>
    public IReadOnlyList<RunSample> Samples { get; init; } = [];

    /// <summary>What it warned of.</summary>
    public IReadOnlyList<string> Warnings { get; init; } = [];

    /// <summary>How it ended; null while it goes on, or when it was killed.</summary>
    public RunEnd? End { get; init; }
}
