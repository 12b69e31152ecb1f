namespace LoraPS.Engine.Training.History;

/// <summary>A history in the making.</summary>
internal sealed class RunHistoryBuilder
{
    /// <inheritdoc cref="RunHistory.Settings"/>
    public OrderedDictionary<string, string> Settings { get; set; } = [];

    /// <inheritdoc cref="RunHistory.SettingsHash"/>
    public string SettingsHash { get; set; } = "";

    /// <inheritdoc cref="RunHistory.StartedAt"/>
    public string StartedAt { get; init; } = "";

    /// <inheritdoc cref="RunHistory.Seed"/>
    public long Seed { get; set; }

    /// <inheritdoc cref="RunHistory.Steps"/>
    public int Steps { get; set; }

    /// <inheritdoc cref="RunHistory.Epochs"/>
    public int Epochs { get; set; }

    /// <inheritdoc cref="RunHistory.Pictures"/>
    public IReadOnlyList<RunPicture> Pictures { get; set; } = [];

    /// <inheritdoc cref="RunHistory.Points"/>
    public List<RunPoint> Points { get; } = [];

    /// <inheritdoc cref="RunHistory.Validations"/>
    public List<RunValidation> Validations { get; } = [];

    /// <inheritdoc cref="RunHistory.Saves"/>
    public List<RunSave> Saves { get; } = [];

    /// <inheritdoc cref="RunHistory.Samples"/>
    public List<RunSample> Samples { get; } = [];

    /// <inheritdoc cref="RunHistory.Warnings"/>
    public List<string> Warnings { get; } = [];

    /// <inheritdoc cref="RunHistory.End"/>
    public RunEnd? End { get; set; }

    /// <summary>Forgets what was done after a step, because it is done anew.</summary>
    public void GoBackTo(int step)
    {
        Points.RemoveAll(point => point.Step > step);
        Validations.RemoveAll(validation => validation.Step > step);
        Saves.RemoveAll(save => save.Step > step);
        Samples.RemoveAll(sample => sample.Step > step);
        End = null;
    }

    /// <summary>The history.</summary>
    public RunHistory Build() => new()
    {
        Settings = Settings,
        SettingsHash = SettingsHash,
        StartedAt = StartedAt,
        Seed = Seed,
        Steps = Steps,
        Epochs = Epochs,
        Pictures = Pictures,
        Points = Points,
        Validations = Validations,
        Saves = [.. Saves.GroupBy(save => save.Path).Select(saves => saves.Last())],
        Samples = Samples,
        Warnings = [.. Warnings.Distinct()],
        End = End,
    };
}
