using LoraPS.Engine.Lora;
using LoraPS.Engine.Merging;
using LoraPS.Engine.Tests;
using LoraPS.ToyModel.Judging;
using static TorchSharp.torch;

namespace LoraPS.Pictures.Tests;

/// <summary>The toy model of the examples, and LoRAs trained on the pictures of a zorb: once for all tests.</summary>
public sealed class TrainedZorbs : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly Lazy<PictureJury> _jury = new(() => new(Model));
    private readonly Lazy<string> _dyLora;
    private readonly Lazy<PictureScores> _dyLoraScores;
    private readonly Lazy<PictureScores> _base;
    private readonly Lazy<PictureScores> _adapted;

    public TrainedZorbs()
    {
        Lora = ZorbTraining.Run(Model, Images, File("zorb.safetensors"));
        _dyLora = new(() => ZorbTraining.Run(Model, Images, File("zorb-dylora.safetensors"), NetworkKind.DyLora));
        _dyLoraScores = new(() => Jury.Judge(new LoraSource(DyLora)));
        _base = new(() => Jury.Judge());
        _adapted = new(() => Jury.Judge(new LoraSource(Lora)));
    }

    public static string Model { get; } = Path.Combine(TestFiles.RepositoryRoot, "examples", "models", "toy");

    /// <summary>A LoRA of rank 8.</summary>
    public string Lora { get; }

    public PictureJury Jury => _jury.Value;

    /// <summary>The model alone.</summary>
    public PictureScores Base => _base.Value;

    /// <summary>With the LoRA.</summary>
    public PictureScores Adapted => _adapted.Value;

    private static string Images => Path.Combine(TestFiles.RepositoryRoot, "examples");

    /// <summary>A DyLoRA of rank 8, two ranks at a time.</summary>
    public string DyLora => _dyLora.Value;

    /// <summary>With the whole DyLoRA.</summary>
    public PictureScores DyLoraScores => _dyLoraScores.Value;

    public string File(string name) => _folder.File(name);

    /// <summary>Score of the pictures with a zorb.</summary>
    public double Zorb(params IReadOnlyList<LoraSource> loras)
    {
        using var pictures = Jury.Paint(PictureJury.ZorbPrompts, loras);
        return PictureJury.ZorbScore(pictures);
    }

    /// <summary>Pictures with a zorb; the caller disposes them.</summary>
    public Tensor Pictures(params IReadOnlyList<LoraSource> loras) => Jury.Paint(PictureJury.ZorbPrompts, loras);

    public void Dispose()
    {
        if (_jury.IsValueCreated)
            Jury.Dispose();
        _folder.Dispose();
    }
}
