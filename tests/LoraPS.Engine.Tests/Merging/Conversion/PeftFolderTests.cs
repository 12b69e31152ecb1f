using System.Text.Json.Nodes;
using LoraPS.Engine.Formats;
using LoraPS.Engine.Inspection;
using LoraPS.Engine.Lora;
using LoraPS.Engine.Merging;
using LoraPS.Engine.Merging.Conversion;
using LoraPS.Engine.Naming;
using LoraPS.Engine.Runtime;
using LoraPS.Engine.Tests.Formats.Torch;
using TorchSharp;
using static TorchSharp.torch;

namespace LoraPS.Engine.Tests.Merging.Conversion;

public sealed class PeftFolderTests : IDisposable
{
    private const string ToQ = "mid_block.attentions.0.transformer_blocks.0.attn1.to_q";
    private const string ToK = "mid_block.attentions.0.transformer_blocks.0.attn1.to_k";
    private const string Fc1 = "text_model.encoder.layers.0.mlp.fc1";

    private readonly FuseCase _case = new();
    private readonly DisposeScope _scope = NewDisposeScope();

    private string Folder => _case.File("adapter");

    private string Back => _case.File("back.safetensors");

    private static Tensor Normal(int item, params long[] shape) => new CounterRandom(7, RandomPurpose.NetworkInit, item: item).Normal(shape);

    [Theory]
    [InlineData("lora/c3lier_init.safetensors")]
    [InlineData("lora/lierla_init.safetensors")]
    [InlineData("merge/A.safetensors")]
    public void There_and_back_gives_the_same_bytes(string fixture)
    {
        var source = TestFiles.Fixture(fixture);
        var there = LoraConverter.Convert(source, Folder, LoraFormat.PeftFolder);
        var back = LoraConverter.Convert(Folder, Back, LoraFormat.Kohya);
        Assert.Equal((LoraFormat.PeftFolder, LoraFormat.PeftFolder, there.ModuleCount), (there.To, back.From, back.ModuleCount));
        Assert.Equal(FuseCase.Bytes(source), FuseCase.Bytes(Back));
        Assert.Empty(LoraCheck.Check(Back).Problems);
    }

    [Fact]
    public void A_U_Net_alone_is_one_adapter_and_text_encoders_get_their_own()
    {
        var unet = WriteKohya("unet.safetensors", ("lora_unet_" + ToQ.Replace('.', '_'), 4, 4));
        LoraConverter.Convert(unet, Folder, LoraFormat.PeftFolder);
        Assert.Equal(["adapter_config.json", "adapter_model.safetensors"], Files(Folder));
        using (var file = SafetensorsFile.Open(Path.Combine(Folder, "adapter_model.safetensors")))
            Assert.Equal([$"base_model.model.{ToQ}.lora_A.weight", $"base_model.model.{ToQ}.lora_B.weight"], file.Tensors.Select(tensor => tensor.Name).Order());

        var both = WriteKohya("both.safetensors", ("lora_unet_" + ToQ.Replace('.', '_'), 4, 4), ("lora_te_" + Fc1.Replace('.', '_'), 2, 1));
        LoraConverter.Convert(both, Folder, LoraFormat.PeftFolder, new() { Overwrite = true });
        Assert.Equal(["text_encoder/adapter_config.json", "text_encoder/adapter_model.safetensors", "unet/adapter_config.json", "unet/adapter_model.safetensors"], Files(Folder));
        LoraConverter.Convert(Folder, Back, LoraFormat.Kohya);
        Assert.Equal(FuseCase.Bytes(both), FuseCase.Bytes(Back));
    }

    [Fact]
    public void The_configuration_says_ranks_and_alphas_as_the_library_does()
    {
        var source = WriteKohya("source.safetensors", ("lora_unet_" + ToQ.Replace('.', '_'), 4, 2), ("lora_unet_" + ToK.Replace('.', '_'), 8, 0.5), ("lora_unet_mid_block_attentions_0_proj_in", 4, 2));
        LoraConverter.Convert(source, Folder, LoraFormat.PeftFolder);
        var config = JsonNode.Parse(File.ReadAllText(Path.Combine(Folder, "adapter_config.json")))!.AsObject();
        Assert.Equal(("LORA", 4, 2, false, false), ((string)config["peft_type"]!, (int)config["r"]!, (int)config["lora_alpha"]!, (bool)config["use_rslora"]!, (bool)config["use_dora"]!));
        Assert.Equal((8, 0.5), ((int)config["rank_pattern"]![ToK]!, (double)config["alpha_pattern"]![ToK]!));
        Assert.Equal(3, config["target_modules"]!.AsArray().Count);
        Assert.Equal(config.Select(field => field.Key).Order(StringComparer.Ordinal), config.Select(field => field.Key));
    }

    [Theory]
    [InlineData("""{"peft_type":"LORA","r":4,"lora_alpha":16}""", 16)]
    [InlineData("""{"peft_type":"LORA","r":4}""", 8)]
    [InlineData("""{"peft_type":"LORA","r":4,"lora_alpha":16,"use_rslora":true}""", 32)]
    [InlineData("""{"peft_type":"LORA","r":4,"lora_alpha":16,"alpha_pattern":{"attn1.to_q":3}}""", 3)]
    [InlineData("""{"peft_type":"LORA","r":4,"lora_alpha":16,"alpha_pattern":{"tn1.to_q":3}}""", 16)]
    [InlineData("""{"peft_type":"LORA","r":4,"lora_alpha":16,"alpha_pattern":{"to_k":5,"^mid_block\\.attentions\\.[0-9]+\\..*to_[qv]":3,"to_q":7}}""", 3)]
    [InlineData("""{"peft_type":"LORA","r":4,"lora_alpha":16,"alpha_pattern":{"to_q":3},"use_rslora":true}""", 6)]
    [InlineData("""{"peft_type":"LORA","r":64,"rank_pattern":{"to_q":4},"lora_alpha":2.5}""", 2.5)]
    [InlineData("""{"peft_type":"LORA","r":4,"lora_alpha":16,"use_dora":false,"layer_replication":null,"init_lora_weights":"gaussian","alpha_pattern":{}}""", 16)]
    public void Alphas_are_those_the_library_would_use(string config, double alpha)
    {
        WriteAdapter(Folder, config, (ToQ, 4));
        LoraConverter.Convert(Folder, Back, LoraFormat.Kohya);
        Assert.Equal(alpha, Assert.Single(LoraMeasure.Measure(Back).Modules).Alpha, 1e-6);
    }

    [Fact]
    public void The_weights_may_be_named_and_the_configuration_lies_beside_them()
    {
        WriteAdapter(Folder, """{"peft_type":"LORA","r":4,"lora_alpha":2}""", (ToQ, 4));
        var result = LoraConverter.Convert(Path.Combine(Folder, "adapter_model.safetensors"), Back, LoraFormat.Kohya);
        Assert.Equal((LoraFormat.PeftFolder, 1), (result.From, result.ModuleCount));
        Assert.Equal(2, Assert.Single(LoraMeasure.Measure(Back).Modules).Alpha);
    }

    [Fact]
    public void Older_adapters_have_pickled_weights()
    {
        LoraConverter.Convert(FuseCase.LierLa, Folder, LoraFormat.PeftFolder);
        foreach (var weights in Directory.GetFiles(Folder, "*.safetensors", SearchOption.AllDirectories))
        {
            RawArchive.WriteCopy(Path.ChangeExtension(weights, ".bin"), weights, wrapped: false);
            File.Delete(weights);
        }

        LoraConverter.Convert(Folder, Back, LoraFormat.Kohya);
        Assert.Equal(FuseCase.Bytes(FuseCase.LierLa), FuseCase.Bytes(Back));
    }

    [Fact]
    public void A_folder_that_a_pipeline_of_diffusers_saved_is_read_too()
    {
        LoraConverter.Convert(FuseCase.LierLa, _case.File("saved/pytorch_lora_weights.safetensors"), LoraFormat.Peft);
        Assert.Equal(LoraFormat.Peft, LoraConverter.Convert(_case.File("saved"), Back, LoraFormat.Kohya).From);
        Assert.Equal(FuseCase.Bytes(FuseCase.LierLa), FuseCase.Bytes(Back));
    }

    [Fact]
    public void Without_configuration_or_weights_nothing_is_guessed()
    {
        WriteAdapter(Folder, """{"peft_type":"LORA"}""", (ToQ, 4));
        File.Delete(Path.Combine(Folder, "adapter_config.json"));
        Refused<MissingFileException>(Folder, "PeftConfigMissing");
        Refused<MissingFileException>(Path.Combine(Folder, "adapter_model.safetensors"), "PeftConfigMissing");
        File.Delete(Path.Combine(Folder, "adapter_model.safetensors"));
        Refused<MissingFileException>(Folder, "PeftConfigMissing");
        File.WriteAllText(Path.Combine(Folder, "adapter_config.json"), """{"peft_type":"LORA"}""");
        Refused<MissingFileException>(Folder, "PeftWeightsMissing");
        Refused<MissingFileException>(_case.File("nowhere"), "LoraFileNotFound");
    }

    [Theory]
    [InlineData("{\"peft_type\": \"LORA\", ", "JSON")]
    [InlineData("[]", "JSON")]
    [InlineData("""{"r":4}""", "peft_type")]
    [InlineData("""{"peft_type":"LORA","r":"four"}""", "four")]
    [InlineData("""{"peft_type":"LORA","r":4,"lora_alpha":[1]}""", "lora_alpha")]
    [InlineData("""{"peft_type":"LORA","r":4,"alpha_pattern":{"to_q":"x"}}""", "alpha_pattern")]
    [InlineData("""{"peft_type":"LORA","r":4,"alpha_pattern":{"to_q(":1}}""", "regular expression")]
    [InlineData("""{"peft_type":"LORA","r":8}""", "rank 8")]
    [InlineData("""{"peft_type":"LORA","r":4,"rank_pattern":{"to_q":2}}""", "rank 2")]
    public void A_configuration_that_is_none_is_refused(string config, string told)
    {
        WriteAdapter(Folder, config, (ToQ, 4));
        Assert.Contains(told, Refused<PeftConfigException>(Folder, "PeftConfigInvalid").Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"peft_type":"LOHA","r":4}""", "LOHA")]
    [InlineData("""{"peft_type":"ADALORA","r":4}""", "ADALORA")]
    [InlineData("""{"peft_type":"LORA","r":4,"use_dora":true}""", "use_dora")]
    [InlineData("""{"peft_type":"LORA","r":4,"use_qalora":true}""", "use_qalora")]
    [InlineData("""{"peft_type":"LORA","r":4,"layer_replication":[[0,4],[2,5]]}""", "layer_replication")]
    [InlineData("""{"peft_type":"LORA","r":4,"init_lora_weights":"pissa_niter_4"}""", "pissa_niter_4")]
    public void Other_kinds_of_adapters_are_refused_by_name(string config, string told)
    {
        WriteAdapter(Folder, config, (ToQ, 4));
        Assert.Contains(told, Refused<PeftConfigException>(Folder, "PeftConfigUnsupported").Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Weights_of_other_models_and_halves_are_refused()
    {
        WriteAdapter(Folder, """{"peft_type":"LORA","r":4}""", ("model.layers.0.self_attn.q_proj", 4));
        Refused<LoraMergeException>(Folder, "LoraKeysUnknown");
        _case.Write("adapter/adapter_model.safetensors", ($"base_model.model.{ToQ}.lora_A.weight", Normal(1, 4, 16)));
        Refused<UnrecognisedLoraException>(Folder, "UnrecognisedLoraFormat");
    }

    [Fact]
    public void A_folder_of_other_things_is_never_replaced_and_a_refusal_leaves_the_old_one()
    {
        Directory.CreateDirectory(Folder);
        File.WriteAllText(Path.Combine(Folder, "mine.txt"), "mine");
        Assert.Throws<ArgumentException>(() => LoraConverter.Convert(FuseCase.LierLa, Folder, LoraFormat.PeftFolder, new() { Overwrite = true }));
        Assert.Equal(["mine.txt"], Files(Folder));
        File.Delete(Path.Combine(Folder, "mine.txt"));

        LoraConverter.Convert(FuseCase.LierLa, Folder, LoraFormat.PeftFolder, new() { Overwrite = true });
        var before = Files(Folder);
        Assert.Throws<DestinationExistsException>(() => LoraConverter.Convert(FuseCase.LierLa, Folder, LoraFormat.PeftFolder));
        Assert.Throws<UnrecognisedLoraException>(() => LoraConverter.Convert(FuseCase.Model, Folder, LoraFormat.PeftFolder, new() { Overwrite = true }));
        Assert.Equal(before, Files(Folder));
        Assert.Equal(["adapter"], _case.Entries.Select(Path.GetFileName));
    }

    [Fact]
    public void A_folder_may_take_its_own_place_and_no_tensor_is_left_behind()
    {
        LoraConverter.Convert(FuseCase.LierLa, Folder, LoraFormat.PeftFolder);
        var before = DisposeScopeManager.Statistics.ThreadTotalLiveCount;
        LoraConverter.Convert(Folder, Folder, LoraFormat.PeftFolder, new() { Overwrite = true });
        Assert.Equal(before, DisposeScopeManager.Statistics.ThreadTotalLiveCount);
        LoraConverter.Convert(Folder, Back, LoraFormat.Kohya);
        Assert.Equal(FuseCase.Bytes(FuseCase.LierLa), FuseCase.Bytes(Back));
    }

    private static string[] Files(string folder) =>
        [.. Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories).Select(file => Path.GetRelativePath(folder, file).Replace('\\', '/')).Order(StringComparer.Ordinal)];

    private T Refused<T>(string path, string errorId)
        where T : EngineException
    {
        var e = Assert.Throws<T>(() => LoraConverter.Convert(path, Back, LoraFormat.Kohya));
        Assert.Equal(errorId, e.ErrorId);
        Assert.False(File.Exists(Back));
        return e;
    }

    private string WriteKohya(string name, params (string Module, long Rank, double Alpha)[] modules) => _case.Write(name, [.. modules.SelectMany(module => new[]
    {
        (module.Module + ".lora_down.weight", Normal(1, module.Rank, 16)), (module.Module + ".lora_up.weight", Normal(2, 8, module.Rank)), (module.Module + ".alpha", tensor((float)module.Alpha)),
    })]);

    private static void WriteAdapter(string folder, string config, params (string Path, long Rank)[] modules)
    {
        Directory.CreateDirectory(folder);
        File.WriteAllText(Path.Combine(folder, "adapter_config.json"), config);
        SafetensorsWriter.Write(
            Path.Combine(folder, "adapter_model.safetensors"),
            modules.SelectMany(module => new[] { ($"base_model.model.{module.Path}.lora_A.weight", Normal(1, module.Rank, 16)), ($"base_model.model.{module.Path}.lora_B.weight", Normal(2, 8, module.Rank)) }).ToDictionary(),
            new Dictionary<string, string> { ["format"] = "pt" });
    }

    public void Dispose()
    {
        _scope.Dispose();
        _case.Dispose();
    }
}
