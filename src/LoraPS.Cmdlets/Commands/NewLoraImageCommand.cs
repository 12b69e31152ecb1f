using System.Management.Automation;
using LoraPS.Cmdlets.Common;
using LoraPS.Engine.Merging;
using LoraPS.Engine.Runtime;
using LoraPS.Engine.Sampling;

namespace LoraPS.Cmdlets.Commands;

/// <summary>Makes pictures with a model, and with LoRAs at work in it.</summary>
/// <remarks>A picture follows from its seed alone. It is written as soon as it is done; Ctrl+C keeps those that are.</remarks>
/// <example>
/// <para>Makes four pictures with a LoRA at work.</para>
/// <code>New-LoraImage 'a cat on a chair' -Model ./sd15 -Lora ./cat.safetensors -Ratio 0.8 -DestinationPath ./pictures -Count 4 -Seed 1</code>
/// </example>
/// <example>
/// <para>Makes the same picture at three strengths of a LoRA.</para>
/// <code>
/// foreach ($ratio in 0, 0.5, 1) {
///     New-LoraImage 'a cat on a chair' -Model ./sd15 -Lora ./cat.safetensors -Ratio $ratio -DestinationPath "./cat-$ratio.png" -Seed 1
/// }
/// </code>
/// </example>
[Cmdlet(VerbsCommon.New, "LoraImage", SupportsShouldProcess = true)]
[OutputType(typeof(GeneratedImage), typeof(Job))]
public sealed class NewLoraImageCommand : WorkerCmdlet
{
    private static readonly ImageOptions Defaults = new() { Prompt = "", DestinationPath = "pictures" };

    /// <summary>What the pictures show. A word in "(word:1.3)" counts more, or less below 1.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true, HelpMessage = "What the pictures show.")]
    [AllowEmptyString]
    public string Prompt { get; set; } = "";

    /// <summary>The model: a .safetensors checkpoint or a diffusers folder.</summary>
    [Parameter(Mandatory = true, HelpMessage = "The model: a .safetensors checkpoint or a diffusers folder.")]
    [Alias("ckpt", "pretrained_model_name_or_path", "PretrainedModelNameOrPath")]
    [ValidateNotNullOrEmpty]
    public string Model { get; set; } = "";

    /// <summary>A .png file for one picture; otherwise a folder, in which each picture is named after its seed.</summary>
    [Parameter(Mandatory = true, HelpMessage = "A .png file for one picture, otherwise a folder.")]
    [Alias("outdir", "Destination")]
    [ValidateNotNullOrEmpty]
    public string DestinationPath { get; set; } = "";

    /// <summary>LoRA files, with wildcards, or LoRAs from Get-Lora and Set-LoraBlockWeight, whose block weights count.</summary>
    [Parameter]
    [Alias("network_weights", "NetworkWeights")]
    [LoraSourceTransformation]
    [SupportsWildcards]
    [ValidateNotNull]
    [ArgumentCompleter(typeof(LoraFileCompleter))]
    public LoraSource[] Lora { get; set; } = [];

    /// <summary>What the LoRAs are multiplied by: one number for all, or one for each in their order. Any sign.</summary>
    /// <value>Default 1.</value>
    [Parameter]
    [Alias("network_mul", "Weight", "NetworkMul")]
    [ValidateNotNullOrEmpty]
    public double[] Ratio { get; set; } = [1];

    /// <summary>What the pictures should not show.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [Alias("negative_prompt")]
    [AllowEmptyString]
    public string NegativePrompt { get; set; } = Defaults.NegativePrompt;

    /// <summary>How noise becomes a picture.</summary>
    [Parameter]
    [ArgumentCompleter(typeof(SamplerCompleter))]
    [ValidateNotNullOrEmpty]
    public string Sampler { get; set; } = Defaults.Sampler;

    /// <summary>Steps from noise to picture.</summary>
    [Parameter]
    [Alias("Step")]
    [ValidateRange(1, int.MaxValue)]
    public int Steps { get; set; } = Defaults.Steps;

    /// <summary>How strongly pictures are drawn to the prompt; 1 leaves the negative prompt out.</summary>
    [Parameter]
    [Alias("scale", "CfgScale")]
    public double GuidanceScale { get; set; } = Defaults.GuidanceScale;

    /// <summary>Seed of the first picture; each further one has the next number. Drawn, and told, where not given.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    public long? Seed { get; set; }

    /// <summary>How many pictures of each prompt.</summary>
    [Parameter]
    [Alias("images_per_prompt", "ImagesPerPrompt")]
    [ValidateRange(1, int.MaxValue)]
    public int Count { get; set; } = Defaults.Count;

    /// <summary>Width in pixels, a multiple of 64.</summary>
    [Parameter]
    [Alias("W")]
    [ValidateRange(1, int.MaxValue)]
    public int Width { get; set; } = Defaults.Width;

    /// <summary>Height in pixels, a multiple of 64.</summary>
    [Parameter]
    [Alias("H")]
    [ValidateRange(1, int.MaxValue)]
    public int Height { get; set; } = Defaults.Height;

    /// <summary>Which layer of the text encoder is used, counted from the end.</summary>
    [Parameter]
    [Alias("clip_skip")]
    [ValidateRange(1, int.MaxValue)]
    public int? ClipSkip { get; set; }

    /// <summary>The tokenizer's vocabulary, where the model's folder has none.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? TokenizerPath { get; set; }

    /// <summary>Fetches a missing vocabulary from the Hugging Face Hub, once.</summary>
    [Parameter]
    public SwitchParameter AllowDownload { get; set; }

    /// <summary>Replaces pictures that exist.</summary>
    [Parameter]
    public SwitchParameter Force { get; set; }

    /// <summary>Work in a job: the command returns at once, and Get-Job, Receive-Job, Wait-Job and Stop-Job do the rest.</summary>
    [Parameter]
    public SwitchParameter AsJob { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        if (Ratio.Length != 1 && Ratio.Length != Lora.Length)
            ThrowEngineError(new ArgumentException($"-Ratio has {Ratio.Length} values for {Lora.Length} LoRAs. Give one for all, or one for each."), Ratio);
        var options = MakeOptions();
        if (!ShouldProcess($"Make {Count} pictures of '{Prompt}' in {options.DestinationPath}.", null, null))
            return;
        try
        {
            Make(ResolveLiteralPath(Model), options);
        }
        catch (Exception e) when (e is EngineException or ArgumentException)
        {
            ThrowEngineError(e, options.DestinationPath);
        }
    }

    /// <inheritdoc/>
    protected override object? ResultIn(EngineEvent engineEvent) => (engineEvent as ImageMadeEvent)?.Image;

    private void Make(string model, ImageOptions options)
    {
        // Each picture is written when it is made.
        object? Work(IProgress<EngineEvent> events, CancellationToken stop)
        {
            ImageGenerator.Generate(model, options, events, stop);
            return null;
        }

        if (AsJob)
            WriteResult(Work, asJob: true, options.DestinationPath);
        else
            RunOnWorker(Work);
    }

    private ImageOptions MakeOptions() => new()
    {
        Prompt = Prompt,
        NegativePrompt = NegativePrompt,
        Loras = [.. Lora.Select((source, i) => source with { Ratio = source.Ratio * Ratio[Ratio.Length == 1 ? 0 : i] })],
        Sampler = Sampler,
        Steps = Steps,
        GuidanceScale = GuidanceScale,
        Seed = Seed,
        Count = Count,
        Width = Width,
        Height = Height,
        ClipSkip = ClipSkip,
        DestinationPath = ResolveLiteralPath(DestinationPath),
        Overwrite = Force,
        TokenizerPath = TokenizerPath is null ? null : ResolveLiteralPath(TokenizerPath),
        AllowDownload = AllowDownload,
    };
}
