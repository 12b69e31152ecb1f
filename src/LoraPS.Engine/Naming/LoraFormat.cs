namespace LoraPS.Engine.Naming;

/// <summary>The forms in which LoRA files for Stable Diffusion name their tensors.</summary>
public enum LoraFormat
{
    /// <summary>sd-scripts and most user interfaces: <c>lora_unet_…_to_q.lora_down.weight</c>, with an alpha a module.</summary>
    Kohya,

    /// <summary>diffusers and PEFT today: <c>unet.….to_q.lora_A.weight</c>, alphas in the metadata.</summary>
    Peft,

    /// <summary>The PEFT library: a folder with <c>adapter_config.json</c> and <c>adapter_model.safetensors</c>, one for each network.</summary>
    PeftFolder,

    /// <summary>diffusers before PEFT: <c>unet.….to_q.lora.down.weight</c>, no alphas.</summary>
    Diffusers,

    /// <summary>The first diffusers files: <c>unet.….attn1.processor.to_q_lora.down.weight</c>, attentions only, no alphas.</summary>
    DiffusersProcessor,

    /// <summary>cloneofsimo's lora: <c>unet:0:down</c>, layers numbered in the order of the model, no alphas.</summary>
    Cloneofsimo,
}
