using LoraPS.Engine.Runtime;
using static TorchSharp.torch;

namespace LoraPS.Engine.Models.Loading;

/// <summary>Loads a Stable Diffusion model from a diffusers folder or a single checkpoint file.</summary>
public static class CheckpointLoader
{
    private const string Activity = "Loading the model";

    /// <summary>Loads a model, strictly: a tensor that is missing, unexpected or of another shape is an error.</summary>
    /// <param name="path">A diffusers folder (unet, vae, text_encoder), or a single .safetensors or .ckpt file in LDM naming.</param>
    /// <param name="options">Type and place of the weights; default float32 on the CPU.</param>
    /// <param name="events">Told how far it is.</param>
    /// <returns>The model, the caller's to dispose.</returns>
    /// <exception cref="ModelNotFoundException">There is no model, or a part of it is missing.</exception>
    /// <exception cref="UnsupportedModelException">There is something else.</exception>
    /// <exception cref="ModelConfigException">A config.json of the folder cannot be used.</exception>
    /// <exception cref="StateDictException">Tensors are missing, unexpected or of another shape.</exception>
    /// <exception cref="Formats.SafetensorsFormatException">A weight file is broken.</exception>
    public static StableDiffusionModel Load(string path, ModelLoadOptions options, IProgress<EngineEvent>? events = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        ArgumentNullException.ThrowIfNull(options);
        TorchRuntime.EnsureLoaded();
        using var contents = Open(path, options.VaePath);
        var model = new StableDiffusionModel(contents.Config, path, META);
        try
        {
            Fill(model, contents, options, events);
            return model;
        }
        catch
        {
            model.Dispose();
            throw;
        }
    }

    /// <summary>Reads how large a model's networks are, without their weights.</summary>
    /// <param name="path">A diffusers folder, or a single .safetensors or .ckpt file in LDM naming.</param>
    /// <param name="vaePath">A VAE in the place of the model's own, or null.</param>
    /// <exception cref="ModelNotFoundException">There is no model, or a part of it is missing.</exception>
    /// <exception cref="UnsupportedModelException">There is something else.</exception>
    /// <exception cref="ModelConfigException">A config.json of the folder cannot be used.</exception>
    /// <exception cref="Formats.SafetensorsFormatException">A weight file is broken.</exception>
    public static StableDiffusionConfig ReadConfig(string path, string? vaePath = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        using var contents = Open(path, vaePath);
        return contents.Config;
    }

    private static CheckpointContents Open(string path, string? vaePath)
    {
        var contents = Open(path);
        if (vaePath is null)
            return contents;
        try
        {
            var vae = VaeContents.Open(vaePath);
            return contents with { Config = contents.Config with { Vae = vae.Config }, Vae = vae.Tensors, Files = [.. contents.Files, vae.File] };
        }
        catch
        {
            contents.Dispose();
            throw;
        }
    }

    private static CheckpointContents Open(string path)
    {
        if (Directory.Exists(path))
            return DiffusersFolder.Open(path);
        if (File.Exists(path))
            return SingleFileCheckpoint.Open(path);
        throw new ModelNotFoundException(path, "there is no such file or folder. Name a diffusers folder or a .safetensors checkpoint.");
    }

    private static void Fill(StableDiffusionModel model, CheckpointContents contents, ModelLoadOptions options, IProgress<EngineEvent>? events)
    {
        (nn.Module Module, PartTensors Part)[] parts =
            [(model.TextEncoder, contents.TextEncoder), (model.Vae, contents.Vae), (model.UNet, contents.UNet)];
        if (options.VaePath is not null)
            Compare(options.VaePath, [(model.Vae, contents.Vae)], []);
        Compare(model.Path, parts, contents.Unexpected);
        CheckDimensions(model.Path, model.Config);

        for (var i = 0; i < parts.Length; i++)
        {
            events?.Report(new ProgressEvent(Activity, parts[i].Part.Name, (double)i / parts.Length));
            var dtype = parts[i].Module == model.Vae ? options.VaeDType ?? options.DType : options.DType;
            StateDictLoader.Assign(parts[i].Module, parts[i].Part, options with { DType = dtype });
        }

        events?.Report(new ProgressEvent(Activity, model.Path, 1));
    }

    private static void Compare(string path, IEnumerable<(nn.Module Module, PartTensors Part)> parts, IEnumerable<string> unexpected)
    {
        var differences = new StateDictDifferences();
        differences.Unexpected.AddRange(unexpected);
        foreach (var (module, part) in parts)
            StateDictLoader.Compare(module, part, differences);
        if (differences.Any)
            throw new StateDictException(path, differences);
    }

    private static void CheckDimensions(string path, StableDiffusionConfig config)
    {
        var (unet, vae, text) = config;
        if (unet.InChannels != vae.LatentChannels)
            throw new UnsupportedModelException(path, $"a model whose U-Net takes {unet.InChannels} channels for latents of {vae.LatentChannels}, such as one for inpainting");
        if (unet.CrossAttentionDim != text.HiddenSize)
            throw new UnsupportedModelException(path, $"a model whose U-Net reads text states of width {unet.CrossAttentionDim} while its text encoder writes {text.HiddenSize}");
    }
}
