using System.Globalization;
using System.Reflection;

namespace LoraPS.Engine.Formats;

/// <summary>The <c>modelspec.*</c> metadata: what a model is, for people and user interfaces.</summary>
/// <remarks>
/// Follows Stability AI's model spec 1.0.1 with the values sd-scripts 48d368fa gives Stable Diffusion 1 LoRAs
/// (library/sai_model_spec.py). The date is the caller's to give: without it, equal runs write equal bytes.
/// </remarks>
public sealed record ModelSpec
{
    /// <summary>What the keys start with.</summary>
    public const string Prefix = "modelspec.";

    /// <summary>A name for people.</summary>
    public const string TitleKey = Prefix + "title";

    /// <summary>A name for people.</summary>
    public required string Title { get; init; }

    /// <summary>Model family and kind; default "stable-diffusion-v1/lora".</summary>
    public string Architecture { get; init; } = "stable-diffusion-v1/lora";

    /// <summary>Whose names the tensors bear; default "diffusers".</summary>
    public string Implementation { get; init; } = "diffusers";

    /// <summary>Picture size in pixels; default 512 × 512.</summary>
    public (int Width, int Height) Resolution { get; init; } = (512, 512);

    /// <summary>"epsilon" or "v"; null where it is not known. Default "epsilon".</summary>
    public string? PredictionType { get; init; } = "epsilon";

    /// <summary>When it was made, or null to leave it out.</summary>
    public DateTime? Date { get; init; }

    /// <summary>Lowest and highest timestep it was trained on, or null for all.</summary>
    public (int Lowest, int Highest)? TimestepRange { get; init; }

    /// <summary>The text encoder's layer that was used, counted from the end, or null for the last.</summary>
    public int? ClipSkip { get; init; }

    /// <summary>Titles of the models it was merged from, or null.</summary>
    public IReadOnlyList<string>? MergedFrom { get; init; }

    /// <summary>What its maker says of it, by names of <see cref="ModelSpecFields.Names"/>; a title here goes before <see cref="Title"/>.</summary>
    /// <value>Default: nothing.</value>
    public IReadOnlyDictionary<string, string> Fields { get; init; } = new Dictionary<string, string>();

    /// <summary>"LoraPS/" and the version, as files made here carry it.</summary>
    public static string ImplementationVersion { get; } =
        $"LoraPS/{typeof(ModelSpec).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion.Split('+')[0]}";

    /// <summary>The metadata, values that are not known left out.</summary>
    public IReadOnlyDictionary<string, string> ToMetadata()
    {
        (string Key, string? Value)[] entries =
        [
            ("architecture", Architecture),
            ("implementation", Implementation),
            ("title", Title),
            ("resolution", string.Create(CultureInfo.InvariantCulture, $"{Resolution.Width}x{Resolution.Height}")),
            ("sai_model_spec", "1.0.1"),
            ("date", Date?.ToString("s", CultureInfo.InvariantCulture)),
            ("merged_from", MergedFrom is null ? null : string.Join(", ", MergedFrom)),
            ("prediction_type", PredictionType),
            ("timestep_range", TimestepRange is { } range ? string.Create(CultureInfo.InvariantCulture, $"{range.Lowest},{range.Highest}") : null),
            ("encoder_layer", ClipSkip?.ToString(CultureInfo.InvariantCulture)),
            ("implementation_version", ImplementationVersion),
        ];
        var metadata = new OrderedDictionary<string, string>();
        foreach (var (key, value) in entries)
        {
            if (value is not null)
                metadata.Add(Prefix + key, value);
        }

        foreach (var (key, value) in Fields)
            metadata[Prefix + key] = value;

        return metadata;
    }
}
